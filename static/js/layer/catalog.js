// The one list of frameworks in the page, and what Convscope can do with each: the mirror of catalog.py in the Python
// core. Knows no setting and no operation.

/**
 * @typedef {object} Entry
 * @property {string} title @property {boolean} rules @property {boolean} written @property {boolean} read
 * @property {"settles" | "overrules" | "extends"} output_size what it does to the padding of a transposed layer
 * @property {boolean} stretches whether a transposed layer reaches size · stride cells with a small kernel too
 */

/** @type {Omit<Entry, "title">} */
const PLAIN = { rules: false, written: false, read: false, output_size: "settles", stretches: false };
/** @type {Omit<Entry, "title">} */
const FULL = { ...PLAIN, rules: true, written: true, read: true };

/** @type {Record<string, Entry>} */
export const FRAMEWORKS = {
  pytorch: { ...FULL, title: "PyTorch", output_size: "extends" },
  keras: { ...FULL, title: "Keras", stretches: true },
  tensorflow: { ...PLAIN, title: "TensorFlow", read: true },
  jax: { ...PLAIN, title: "JAX", written: true, read: true },
  onnx: { ...FULL, title: "ONNX", output_size: "overrules" },
  numpy: { ...PLAIN, title: "NumPy", written: true },
};
