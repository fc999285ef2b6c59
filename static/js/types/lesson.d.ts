// Lessons as the server tells them: steps with their states, prose as a tree, questions with their keys. Types only.

export type Role = "input" | "kernel" | "output" | "padding";
/** The part of the stage that would give an answer away: the number of a cell, the output, its size as well. */
export type Hides = "value" | "output" | "shape";
/** Prose within a line: words, and records with a kind. No markup comes out of a lesson. */
export type Inline = (
  | string
  | { kind: "strong" | "emphasis"; content: Inline }
  /** Leads to a state, or to a page of this server. */
  | { kind: "link"; content: Inline; fragment?: string; page?: string }
  | { kind: "code" | "value" | "role"; text: string; role?: Role }
)[];
export type Block =
  | { kind: "paragraph"; content: Inline }
  | { kind: "list"; ordered: boolean; items: Inline[] };

/** A number; the sizes of a shape; the cells that are meant; of a choice none. */
export type Value = number | number[] | number[][] | null;
export interface AskOption {
  id: string;
  content: Inline;
  value: Value;
}
export interface Ask {
  kind: "number" | "shape" | "choice" | "cell";
  prompt: Block[];
  /** All answers that have a reason, the right one among them, in the order in which they stand. */
  options: AskOption[];
  /** Of a cell: the grid that it is on. */
  grid: "input" | "output" | null;
  /** The cell whose number is asked for. */
  about: { grid: "input" | "output"; lane: number; cell: number[] } | null;
  hint: Inline | null;
  key: { id: string; value: Value; content: Inline; tolerance: number };
  /** The arithmetic that leads to the key. */
  explanation: Inline;
  /** The state after the answer. */
  then: string | null;
  /** The part of the stage that would give it away. */
  hides?: Hides | "nothing";
  /** Wrong answers, and the arithmetic that leads to each. */
  wrong: { id: string; value: Value; explanation: Inline | null }[];
}
export interface LessonStep {
  title: string;
  /** A link's fragment, and the controls that stand beside it, by the names that links hide and lock them by. */
  stage: { fragment: string; controls: string[] };
  prose: Block[];
  ask: Ask | null;
}
export interface Lesson {
  name: string;
  title: string;
  goal?: string;
  minutes?: number;
  steps: LessonStep[];
  /** For lecturers. */
  notes?: Record<"objectives" | "misconceptions" | "discussion", Inline[]>;
}
export interface LessonInfo {
  name: string;
  title: string;
  /** Its subject, in a few words. */
  line: string;
  goal: string;
  minutes: number;
  /** How many. */
  steps: number;
  questions: number;
  /** The state that it begins with. */
  fragment: string;
}
export interface Exercise {
  kind: string;
  title: string;
  number: number;
  difficulty: number;
  stage: LessonStep["stage"];
  ask: Ask;
}
export interface PracticeRequest {
  /** The name of one, or `all`. */
  kind: string;
  seed: number;
  difficulty: 1 | 2 | 3;
  count: number;
  solutions: boolean;
}
export interface PracticeReply {
  kinds: { name: string; title: string }[];
  exercises: Exercise[];
}
export interface LessonsReply {
  lessons: LessonInfo[];
}
