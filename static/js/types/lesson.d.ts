// Lessons as the server tells them: steps, prose as a tree, questions with their keys. Types only.

export type Inline =
  | string
  | {
      kind: "strong" | "emphasis" | "code" | "link" | "role";
      text: string;
      href?: string;
      role?: "input" | "kernel" | "output" | "padding";
    };
export type Block =
  | { kind: "paragraph"; parts: Inline[] }
  | { kind: "list"; items: Inline[][] }
  | { kind: "code"; text: string };

/** A number; the sizes of a shape, or the place of a cell; the place of an option among all. */
export type Key = number | number[];
export type AskKind = "number" | "shape" | "choice" | "cell";

export interface Ask {
  kind: AskKind;
  question: string;
  /** Of a choice, in the order in which they stand. */
  options?: string[];
  /** Of a cell: the grid that it is on. */
  grid?: "input" | "output";
  key: Key;
  /** Further answers that are right. */
  also?: Key[];
  tolerance?: number;
  /** The arithmetic that leads to the key. */
  right?: string;
  /** Wrong answers that have a reason, and the arithmetic that leads to each. */
  wrong?: { value: Key; text: string }[];
  /** What the stage would give away: the number of the step, or the size of the output. */
  hides?: "value" | "shape" | "nothing";
}
export interface LessonStep {
  title: string;
  text: Block[];
  /** A link's fragment; null: the stage stays as it is. */
  fragment: string | null;
  /** The controls that stand beside it, by the names that links hide and lock them by. */
  controls?: string[];
  ask?: Ask | null;
}
export interface Lesson {
  name: string;
  title: string;
  goal?: string;
  minutes?: number;
  steps: LessonStep[];
}
export interface LessonInfo {
  name: string;
  title: string;
  goal: string;
  minutes: number;
  /** How many. */
  steps: number;
  questions: number;
}
export interface LessonsReply {
  lessons: LessonInfo[];
}
