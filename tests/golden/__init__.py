"""Golden files: what the Python core says of seeded settings, which the browser's mirror must reproduce."""
