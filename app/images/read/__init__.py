"""Reading what people upload: formats, bounds, colours, and the processes that decode."""
