"""Tools that figures are drawn with: marks, colours, themes, the font. Knows no layer."""
