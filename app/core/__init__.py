"""The pure core: shapes, walks, plans and kernels. Knows no HTTP, no files and no Pillow."""
