"""What PyTorch, Keras and ONNX say to drawn settings: the recordings and the program that makes them."""
