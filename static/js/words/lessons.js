// The words of the opening and of the lessons. Comes with them. Text only: knows no state and no DOM.

export const lessonText = {
  opening: {
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
  },
  twoMinutes: "Two-minute start",
  steps: {
    window: {
      title: "Window",
      caption:
        "A window of 3×3 cells lies on the picture and reads nine numbers. The arrow keys move it, step by step.",
    },
    sum: {
      title: "Sum",
      caption:
        "Each number is multiplied by the weight that lies on it, and the nine products are added up. Here all nine agree with the stroke \\, so the sum is 9.",
    },
    stride: {
      title: "Stride",
      caption:
        "At stride 2 the window passes over every other place. Fewer places, fewer sums: the output has 4×4 cells.",
    },
    padding: {
      title: "Padding",
      caption:
        "Without padding the window stays inside and the output is smaller. A border of zeros gives the corners a window, and the output has 9×9 cells again.",
    },
    channels: {
      title: "Channels",
      caption:
        "A picture in colour has three planes. The kernel has a slice for each, and the three sums are added up to one number.",
    },
    turn: {
      title: "Your turn",
      caption:
        "Three kernels, three maps. Take another kernel on the left, click a weight to change it, or press e and paint on the picture.",
    },
  },
};
