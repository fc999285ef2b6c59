"""The files of the page, as written or as built, and their compression. Knows no route."""
