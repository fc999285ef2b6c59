"""How frameworks have each operation: what they refuse, and how they write it, as data. Knows no operation by name."""
