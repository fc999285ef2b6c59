// The words of what comes by import: the help sheet, the projector, the volumes, figures, frames, code, copies. With
// strings.js and stagewords.js, every word of the interface. Text only: knows no state and no DOM.

import { count, many, shape } from "./format.js";
import { day } from "./page.js";

export const later = {
  postedAgain: "Your file was sent again",
  useRules: "Refuse what it refuses, and take its defaults",
  future: "the future",
  futureRead: "the future, read by this window",
  deleteUploadAbout:
    "Delete this upload from the server now; nothing but its pixels or numbers is kept there. This browser keeps what proves that it is yours, until then.",
  sizeAbout: "This input has one size: with another, seeded noise takes its place.",
  deleteUpload: "Delete upload",
  typeValues: "Type values…",
  editValues: "Edit values…",
  scale: "Values",
  scaleChoices: { own: "its own", "0-1": "0 to 1", "0-255": "0 to 255", mean_std: "mean 0, deviation 1" },
  seed: "Seed",
  another: "Another",
  distribution: "Distribution",
  distributions: { normal: "normal", uniform: "uniform, −1 to 1" },
  readAs: "Read as",
  resetWeights: "Reset edits",
  weightsUpload: "Load .npy, .npz…",
  stageKeys:
    "Arrow keys move the window by a step or a row, space plays and pauses, Home and End go to the first and last step, [ and ] change the filter, plus and minus magnify about the window and 0 shows all, e paints the input, c compares two settings, p pins a step and a second pin compares, Escape unpins, Shift with the arrow keys moves what is on view, comma and full stop change the speed, i and o set the ends of a loop and l removes it, u lets the output build up, v shows channels and filters as volumes, f takes the whole screen and t is for a projector, w changes between gathering and stamping where a layer can do both, question mark opens the help.",
  dropHere:
    "Drop a picture or an .npy array, a model (.onnx, .py), its weights (.safetensors, .npz) or its classes (.txt)",
  tableHeads: { channel: "channel", weight: "weight", product: "product", kernel: "kernel", onto: "onto" },
  largest: "largest",
  allCropped: "All of this stamp is cropped.",
  growing: "so far",
  finished: "complete",
  zeroCopied: "a zero",
  copied: "copied",
  cropped: "cropped",
  stampLens: "around the stamp",
  share: {
    link: "Copy the link",
    shortLink: "Short link…",
    embed: "Embed…",
    figure: "Figure…",
    animation: "Animation…",
    code: "Code…",
    numbers: "Numbers…",
    lessonStep: "Lesson step",
    dayLink: "Link for a day…",
  },
  copyTitle: "Copy numbers",
  codeTitle: "This layer as code",
  dayLinkTitle: "A link that brings a token of one day",
  figure: {
    title: "Export a figure",
    save: "Save",
    saved: "Saved. The figure is free of rights (CC0), and says so.",
    drawing: "Drawing…",
    recording: "Recording, in the time that it takes to watch…",
    cancelled: "Cancelled: nothing was saved.",
    progress: "Progress",
    words: "Caption, alternative text and BibTeX",
    kinds: { caption: "Caption", alt: "Alternative text", bibtex: "BibTeX" },
    forms: { webm: "WebM video", mp4: "MP4 video" },
    labels: {
      what: "What",
      format: "Format",
      layout: "Layout",
      theme: "Theme",
      width: "Width, mm",
      font: "Text, pt",
      dpi: "Pixels per inch",
      fps: "Steps a second",
      plays: "Plays (0: for ever)",
      background: "Background",
      words: "Words",
    },
    what: {
      step: "this step",
      final: "the final state",
      strip: "a film strip",
      animation: "all steps, moving",
      chain: "all layers",
      fields: "all layers with the field of a cell",
      dilation: "a dilation diagram",
    },
    layouts: { side: "side by side", classic: "classic, output above" },
    themes: { light: "light", dark: "dark", print: "print", grey: "grey-safe" },
    backgrounds: { theme: "the theme's", clear: "clear" },
  },
  embed: {
    title: "Embed in a page or slide",
    size: "Size",
    ownSize: "your own",
    width: "Width, pixels",
    height: "Height, pixels",
    starts: "Starts",
    startsAs: { paused: "paused at this step", playing: "playing, where motion is allowed" },
    theme: "Theme",
    themes: { reader: "the reader's", light: "light", dark: "dark" },
    form: "Kind of frame",
    forms: {
      figure: { title: "Figure", about: "The picture alone, with no controls." },
      player: { title: "Player", about: "With the steps to play; the setting stays." },
      everything: { title: "Everything", about: "All that this page can do." },
    },
    details: "Details: size, start, theme, controls",
    controls: "Controls",
    states: { shown: "shown", locked: "locked", hidden: "hidden" },
    code: "To paste",
    copy: "Copy",
    preview: "Preview",
    parts: /** @type {Record<string, string>} */ ({
      header: "Header",
      operation: "Operation",
      examples: "Examples",
      shapes: "Shapes and cost",
      settings: "All settings",
      layer: "Layer settings",
      tools: "Tools",
      input: "Input",
      weights: "Weights",
      headings: "Filter and channel",
      walk: "Walk",
      readout: "Sum and formula",
      zoom: "Zoom, pins and brush",
      steps: "Steps",
      more: "Loop and speed",
      speed: "Speed",
    }),
  },
  pairsTitle: "Two settings beside each other",
  pairs: {
    same: {
      title: "PyTorch padding=1 beside same",
      caption: "At stride 2 both give 3×3, and not the same numbers.",
      question: "Which rows does the first window of each read?",
    },
    causal: {
      title: "Causal beside same",
      caption: "Both keep the length of a series; one of them reads ahead.",
      question: "Which of the two reads what comes after the time of its output?",
    },
  },
  gallery: {
    title: "Examples",
    classics: "Classic figures of convolution arithmetic",
    export: "Export…",
    about:
      "The sizes of Dumoulin and Visin's guide, drawn anew with real numbers, free of rights (CC0). Each opens on the stage.",
  },
  // copying and solving
  copy: "Copy",
  copyGrid: "Grid",
  copyForm: "As",
  copyForms: { numpy: "NumPy", csv: "CSV", markdown: "Markdown" },
  copiedGrids: /** @type {Record<string, string>} */ ({
    x: "Input",
    weight: "Weights",
    bias: "Bias",
    y: "Output",
  }),
  copyDone: "Copied.",
  copyByHand: "This browser does not let a page copy: the text is selected, copy it by hand.",
  codeTarget: "Framework",
  readHelp:
    "A layer as PyTorch, Keras, TensorFlow, JAX, Flax or ONNX write it, or all layers of a Sequential. It is read and never run.",
  readNotes: "It is on the page, with these notes:",
  modelUnanswered: "the answer to the file cannot be read",
  modelAgain: "Try again.",
  weightsFit: (/** @type {number} */ fitting) =>
    fitting === 0
      ? "None of these tensors fits the layers on view."
      : `${many(fitting, "tensor")} of the file ${fitting === 1 ? "fits" : "fit"}.`,
  weightsUnfit: (/** @type {string} */ name, /** @type {number[]} */ shape, /** @type {number[]} */ wanted) =>
    `${name} is ${shape.join("×")}, the layer takes ${wanted.join("×")}`,
  filtersTitle: (/** @type {string} */ name) => (name ? `Filters of ${name}` : "Filters"),
  filtersWait: "Their weights are on the way.",
  filtersLack: "No layer of this network has filters.",
  filtersAbout(/** @type {number} */ lanes, /** @type {number} */ channels, /** @type {number} */ shown) {
    const of = shown < lanes ? `The first ${shown} of ${many(lanes, "filter")}` : many(lanes, "filter");
    const seen =
      channels === 3
        ? "in the colours of the channels"
        : channels === 1
          ? "in grey"
          : `channel 1 of ${channels} in grey`;
    return `${of}, ${seen}. Middle grey is 0, and all are on one scale. Choose one to put it on the stage.`;
  },
  filterOf: (/** @type {number} */ filter, /** @type {number} */ of) => `Filter ${filter} of ${of}`,
  labelsLack:
    "A text file names the classes of a network, one a line. There is no network on view: drop the model first.",
  labelsUnfit: (
    /** @type {number | null} */ lines,
    /** @type {string} */ layer,
    /** @type {number} */ wanted,
  ) =>
    `It has ${lines === null ? "more than a mebibyte" : many(lines, "line")}; ${layer}, the last layer, gives ${many(wanted, "number")}. It takes one line for each, in their order.`,
  labelsBlank: (/** @type {number} */ line) => `Line ${line} is empty. Each line names a class.`,
  labelsFit: (/** @type {string} */ layer, /** @type {string[]} */ names) =>
    `The ${many(names.length, "number")} of ${layer} have names now, from ${names[0]} to ${names.at(-1)}. They stay in this tab.`,
  weightsMissing: "not in the file: as it was",
  weightsFrom: (/** @type {string} */ name) => `takes ${name}`,
  weightsHeads: ["layer", "tensor", "from the file"],
  weightsTitle: "Weights of the network",
  weightsAbout:
    "Each layer takes the tensors of its name out of an .npz or .safetensors file, as PyTorch and Keras name them; the others go by their order and shape. Layers that none fits stay as they are.",
  weightsFile: "Choose a file…",
  weightsLeft: (/** @type {string[]} */ names) => `No layer takes ${names.join(", ")}.`,
  solveFind: "Find",
  apply: "Use these values",
  cancel: "Cancel",
  valuesHelp:
    "Numbers apart by spaces or commas, one row a line; an empty line begins the next channel. Lists as NumPy, JSON or MATLAB write them and Markdown tables work too.",
  asSeries: " a series: each row is a channel",
  notSeries: "A series has one row a channel: remove rows, or untick the box below the numbers.",
  reading: {
    nothing: "There are no numbers yet.",
    lists: "This begins like a list and does not end like one.",
    deep: "Lists may lie in each other five deep.",
    empty: "A list is empty.",
    ragged: "Lists beside each other differ in length.",
    abridged: "NumPy left numbers out where it wrote “...”: print all of them, or load a .npy file.",
    many: (/** @type {number} */ most) => `At most ${many(most, "number")}; upload a .npy file instead.`,
    inRow: (/** @type {number} */ row) => ` in row ${row}`,
    noNumber: (/** @type {string} */ word, /** @type {string} */ place) =>
      `“${word.slice(0, 40)}”${place} is no number.`,
    beyond: (/** @type {string} */ word, /** @type {string} */ place) =>
      `“${word.slice(0, 40)}”${place} is more than float32 can hold: use numbers within ±3.4e38.`,
    otherRows: (/** @type {number} */ channel) => `Channel ${channel + 1} has another number of rows.`,
    otherWidth: (/** @type {number} */ row, /** @type {number} */ own, /** @type {number} */ first) =>
      `Row ${row} has ${many(own, "number")} and row 0 has ${count(first)}.`,
  },
  copiedAxes: { channel: "channel", filter: "filter", depth: "depth" },
  linkCopied: "Link copied: it holds everything on this page.",
  shortLinkTitle: "A short link, with a preview",
  shortPreview: "The picture that goes with the link",
  linkKept: "The address of this page holds everything on it.",
  linkWithoutA: "The other side of the comparison does not fit into a link.",
  newerLink: "The link may come from a newer version; all else is as it says.",
  trying: { open: "Try it", body: "Body", send: "Send", waiting: "Asking…" },
  locked: "Locked by the link",
  openWhole: "Open in Convscope",
  unhide: "Show and unlock all",
  noSample: "no sample has this name",
  linkIgnored: "The layer on view does not come from the link.",
  restOfLink: "All else is as the link says.",
  helpTitle: "Keys and pointer",
  readOn: "Read on: ",
  readings: [
    ["handbook", "the handbook says how everything here works"],
    ["api", "the API answers the same to programs"],
    ["./#v1&lesson=what-a-filter-sees", "lessons ask before they show"],
  ],
  keysAct: "Keys act everywhere but in fields that are typed in.",
  keysKept: "Keys act only while the stage is in focus",
  keys: [
    ["← →", "one step back, forward"],
    ["↑ ↓", "one row up, down"],
    ["Space", "play or pause"],
    ["Home, End", "first, last step"],
    ["[ ]", "previous, next filter"],
    ["w", "the other walk, where a layer gathers and stamps"],
    ["c", "compare: keeps this setting as A beside what you choose next, or ends the comparison"],
    [
      "e",
      "paint the input: arrow keys move, Enter paints, digits paint themselves, Delete paints 0, Esc ends",
    ],
    ["p, Esc", "pin this step, unpin; two pinned steps are compared"],
    ["+ − 0", "magnify about the window, back, all on view"],
    ["Shift ← → ↑ ↓", "move what is on view"],
    [". ,", "faster, slower: ¼, ½, 1, 2, 4 and on to 60 steps a second, then as fast as they stream"],
    ["i o", "loop from this step, up to this step"],
    ["l", "no loop"],
    ["u", "the output as a whole, or building up with the walk"],
    ["v", "channels and filters as volumes"],
    ["n", "all layers of a network"],
    ["f", "the whole screen"],
    ["t", "projector mode: large, with few controls"],
    ["PageUp, PageDown", "one step back, forward in projector mode, as a presenter's remote sends them"],
    ["b", "a blank screen in projector mode, until a key is pressed"],
    ["?", "this sheet"],
    [
      "pointer on the output",
      "shows the window of that cell; a click goes there and pins it, a second pin compares",
    ],
    [
      "pointer on the input",
      "lights the output cells that read it; a click goes to a window on it and pins it",
    ],
    ["pointer, or ← →, on the formula and the sum", "lights what each number stands for"],
    ["pointer on the kernel", "lights what that weight multiplies; a click edits it"],
    ["wheel or two fingers on a grid", "magnify there; where the page scrolls, with Ctrl"],
    ["drag on the input while painting", "paints; one stroke is undone as one"],
    ["drag", "moves what is on view of a magnified grid; a click on the overview goes there"],
  ],
  crossCorrelation:
    "As in every framework, the kernel is not flipped: strictly speaking this is a cross-correlation. Flip turns the kernel around, which is the textbook's convolution.",
  about:
    "Hatched cells are padding; hatched the other way, zeros put between cells. Dimmed cells are never read by any window. Dotted areas wait for their numbers. Played at one step a second or slower, what the window reads flies to its weight and the product into the sum.",
  tokenTitle: "This server asks for a token",
  tokenHelp: "Whoever runs it has given it to you. It is kept in this tab until you close it.",
  tokenRefused:
    "The link brought this server's own token, which others could read from it. A link brings a token of one day; type the server's own here.",
  token: "Token",
  tokenUse: "Use",
  leaveProjector: "Leave the projector mode",
  blank: "Blank screen",
  blankHelp: "Any key shows the stage again.",
  volumes: {
    title: "Channels and filters",
    keys: "Volumes. Up and down go from filter to filter, left to the channels and right back to the filters.",
    groups: "Groups",
    ways: { dense: "dense", grouped: "grouped", depthwise: "depthwise" },
  },
};

/** Sentences with numbers in them. */
export const sayLater = {
  channelsEach: (/** @type {number[]} */ [first = 1, ...sizes]) =>
    `${many(first, "channel")} of ${shape(sizes)}`,
  oneChannel: (/** @type {number[]} */ sizes) => `1 channel of ${shape(sizes)}`,
  edits: (/** @type {number} */ edits) => `${many(edits, "edited value")}`,
  keepAs: (/** @type {string} */ name, /** @type {string} */ value) => `keep ${name} ${value}`,
  onto: (/** @type {number[]} */ cell) => `onto (${cell.join(", ")})`,
  notOnto: (/** @type {number[]} */ cell) => `This step does not reach (${cell.join(", ")}): it holds`,
  weight: (/** @type {string} */ place) => `Weight at ${place}`,
  cellOf: (/** @type {string} */ channel) => `input cell, ${channel}`,
  dayLink: (/** @type {string} */ expires) =>
    `Whoever has this link can use this server until ${new Date(expires).toLocaleString("en-GB", { dateStyle: "long", timeStyle: "short" })}. It stays in the histories of browsers, and is of no use then.`,
  shortLinkKept: (/** @type {string} */ until) =>
    `This server keeps the short link until ${day(until)}; whoever makes it again prolongs it.`,
  linkKeptUntil: (/** @type {string} */ until) =>
    `It names an upload, which this server keeps until ${day(until)}, or less long when it needs the room.`,
  uploadGone: (/** @type {string | undefined} */ until) =>
    `this link shows a picture or numbers that were uploaded, ${until ? `kept until ${day(until)},` : ""} and the server no longer has them`,
  uploadAgain: "Upload the same file, and the link shows it again; or choose another input.",
  notYetLinked: (/** @type {string} */ field) =>
    `the ${field === "source" ? "input" : field} is too large for a link, and its numbers have not come yet`,
  tryLinkAgain: "Try again in a moment.",
  tryIt: (/** @type {string} */ method, /** @type {string} */ path) => `Try ${method} ${path}`,
  answered: (/** @type {number} */ status, /** @type {number} */ bytes) =>
    `Status ${status}, ${many(bytes, "byte")}.`,
  pictureOf: (/** @type {string} */ address) => `What ${address} answered`,
  download: (/** @type {string} */ name) => `Save ${name}`,
  concealed: (/** @type {number} */ hidden, /** @type {number} */ locked) =>
    `This link ${[
      ...(hidden > 0 ? [`hides ${many(hidden, "control")}`] : []),
      ...(locked > 0 ? [`locks ${many(locked, "control")}`] : []),
    ].join(" and ")}.`,
  moreFaults: (/** @type {number} */ others) =>
    `${many(others, "more part of the link", "more parts of the link")} cannot be read.`,
  otherSample: (/** @type {string[]} */ names) =>
    `The page shows ${names[0]} instead; use one of ${names.join(", ")}.`,
  /** A plane of a tensor by its place on the axes before it, in the order of these axes. */
  planeOf: (/** @type {string} */ name, /** @type {string[]} */ axes, /** @type {number[]} */ place) =>
    [name, ...place.map((at, axis) => `${axes[axis]} ${at}`)].join(", "),
  tooManyToCopy: (/** @type {number} */ cells, /** @type {number} */ most) =>
    `${many(cells, "number")} are too many to copy as text (at most ${count(most)}); ask the API for a .npy file.`,
  solveFrom: (/** @type {string} */ from) => `From ${from} to an output of`,
  solved: (/** @type {number} */ all, /** @type {number} */ listed, /** @type {string} */ within) =>
    all === 0
      ? `No setting does it within ${within}.`
      : `${many(all, "setting does", "settings do")} it within ${within}${listed < all ? `; the ${listed} simplest` : ""}:`,
  openClassic: (/** @type {string} */ title) => `Open ${title}`,
  exportClassic: (/** @type {string} */ title) => `Export ${title}`,
  drawn: (/** @type {number} */ done, /** @type {number} */ of) => `${count(done)} of ${count(of)}`,
  /** `(16, 3, 3, 3)`: what each number of a weight's shape counts. */
  weightShape: (
    /** @type {number[] | null} */ sizes,
    /** @type {number} */ each,
    /** @type {number} */ groups,
  ) =>
    sizes
      ? `Weight (${sizes.join(", ")}): ${many(Number(sizes[0]), "filter")}, each with a slice for ${groups > 1 ? `the ${many(each, "channel")} of its group` : `each of ${many(each, "channel")}`}, each slice ${shape(sizes.slice(2))}. A filter's slices are added up into one map.`
      : "No weights: each channel becomes a map of its own.",
  grouping: (/** @type {number} */ groups, /** @type {string} */ way) => `${count(groups)}, ${way}`,
  reads: (
    /** @type {number} */ lane,
    /** @type {string[]} */ names,
    /** @type {number} */ lanes,
    /** @type {boolean} */ filters,
  ) => {
    const listed = names.length > 8 ? `${names.slice(0, 6).join(", ")} … ${names.at(-1)}` : names.join(", ");
    return `${filters ? "Filter" : "Map"} ${lane + 1} of ${count(lanes)} reads ${listed} and gives output channel ${lane + 1}.`;
  },
  readers: (/** @type {string} */ name, /** @type {number} */ readers, /** @type {number} */ lanes) =>
    `${name} is read by ${count(readers)} of ${many(lanes, "filter")}.`,
};
