"""Networks: layers whose inputs are outputs of others. Knows layers as records, no operation by name and no HTTP."""
