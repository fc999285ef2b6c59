"""The wheel, built and started where nothing of the checkout can be seen."""
