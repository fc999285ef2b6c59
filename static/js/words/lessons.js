// The words of the lessons. Comes with them. Text only: knows no state and no DOM.

export const lessonText = {
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
