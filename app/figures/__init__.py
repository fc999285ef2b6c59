"""Every exported figure is drawn here: scene decides, writers write. Knows no HTTP and no Pillow."""
