"""Links: what a person chose as the text behind #, read as the page reads it, and kept under short ids."""
