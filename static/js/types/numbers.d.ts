// Numbers as they travel in JSON. Types only.

/** A number, or the name of one that JSON cannot hold. */
export type JsonNumber = number | "NaN" | "Infinity" | "-Infinity";
/** Channels first; a bare 2-D list is one channel. */
export type NestedNumbers = JsonNumber | NestedNumbers[];
/** Both ends included. */
export type Range = [first: number, last: number];
