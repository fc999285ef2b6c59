"""Which cells each step reads and writes, per axis: size rules, index maps, footprints. Knows no array of the layer."""
