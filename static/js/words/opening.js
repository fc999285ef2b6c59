// The words of the opening. Comes with it. Text only: knows no state and no DOM.

export const openingText = {
  headline: "See what a convolution does to a picture, one window at a time.",
  sentence:
    "The kernel multiplies the 27 numbers under it, adds them up and writes one cell. Every number here is real.",
  hide: "Hide the introduction",
  next: "Three things to do next",
  code: "nn.Conv2d(\n  3, 16, 5,\n  stride=2)",
  own: {
    title: "Your own picture",
    about: "Drop it anywhere, paste it, or take one. It becomes edges at once.",
  },
  start: {
    title: "Two-minute start",
    about: "Six steps: window, sum, stride, padding, channels, your turn.",
  },
  paste: {
    title: "Paste your layer",
    about: "PyTorch, Keras, JAX or ONNX. Shapes, cost and every number.",
  },
};
