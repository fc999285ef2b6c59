"""Effects that lessons may claim, measured over ten seeds: ``pytest -m effects``, minutes long."""
