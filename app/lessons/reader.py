"""A lesson's Markdown as a lesson: headings are steps, fenced blocks hold states and questions. Knows no file.

Every expression is computed while it is read, so that a lesson that is there is right. Refusals tell the line.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn
from urllib.parse import quote

from markdown_it.token import Token

from ..core.errors import Problem, counted
from ..link.fragment import read_link
from ..operations import registry
from .asks import read_ask
from .expression import Faulty, read_expression
from .lesson import Ask, Blocks, Inline, Lesson, LessonStep, Notes, Stage
from .prose import Prose, parser, refusal
from .state import State

LEAST_STEPS, MOST_STEPS = 5, 10
LEAST_QUESTIONS = 3
MOST_MINUTES = 30
MOST_BYTES = 100_000
FACTS = ("line", "goal", "minutes")
NOTES = ("objectives", "misconceptions", "discussion")
LECTURERS = "for lecturers"
# The parts of the page that a link can show or hide, as static/js/link/hideable.js has them.
CONTROLS = (
    "header",
    "operation",
    "examples",
    "shapes",
    "settings",
    "layer",
    "tools",
    "input",
    "weights",
    "headings",
    "walk",
    "readout",
    "zoom",
    "steps",
    "more",
    "speed",
)
# The parts of a link about what is looked at, as static/js/link/fragment.js reads them.
LOOKED_AT = (
    "chosen",
    "step",
    "lane",
    "channel",
    "speed",
    "playing",
    "reading",
    "theme",
    "view",
    "loop",
    "building",
    "hide",
    "lock",
    "zoom",
    "pins",
    "views",
    "against",
    "lesson",
    "experiment",
    "forecast",
)
_NAMED = re.compile(r"([a-z_]+) = (.+)")
_LINE = re.compile(r"([a-z]+):\s*(.*)")


@dataclass
class _Part:
    """The part below one heading."""

    title: str
    line: int
    tokens: list[Token] = field(default_factory=list)


def read_lesson(text: str, name: str) -> Lesson:
    """The lesson that a text says; raises Unreadable with the line at fault."""
    if len(text.encode()) > MOST_BYTES:
        raise refusal(name, f"a lesson has at most {MOST_BYTES:,} bytes", "Make two of it.", 1)
    head, parts = _parts(parser().parse(text))
    facts = _facts(head)
    notes: Notes | None = None
    steps: list[LessonStep] = []
    state: State | None = None
    stage: Stage | None = None
    for part in parts:
        if part.title.lower() == LECTURERS:
            notes = _notes(part)
            continue
        stage, state = _stage(part, stage, state)
        steps.append(_step(part, stage, state, f"{name}/{len(steps)}"))
    if notes is None:
        remedy = "Add ## For lecturers with ### Objectives, ### Misconceptions and ### Discussion."
        raise refusal(name, "the lecturer's notes are missing", remedy, text.count("\n") + 1)
    lesson = Lesson(name, head.title, facts["line"], facts["goal"], facts["minutes"], tuple(steps), notes)
    _check(lesson, head.line)
    return lesson


def _check(lesson: Lesson, line: int) -> None:
    count = len(lesson.steps)
    if not LEAST_STEPS <= count <= MOST_STEPS:
        reason = f"a lesson has {LEAST_STEPS} to {MOST_STEPS} steps, and this has {count}"
        raise refusal(lesson.title, reason, "Begin each step with ## and its heading.", line)
    if lesson.questions < LEAST_QUESTIONS:
        reason = (
            f"a lesson asks at least {LEAST_QUESTIONS} times, and this asks "
            f"{counted(lesson.questions, 'time')}"
        )
        raise refusal(lesson.title, reason, "Add an ask block.", line)


def _parts(tokens: Sequence[Token]) -> tuple[_Part, list[_Part]]:
    """The part below the title, and those below each heading of the second level."""
    head: _Part | None = None
    parts: list[_Part] = []
    skip = 0
    for index, token in enumerate(tokens):
        if skip:
            skip -= 1
            continue
        line = (token.map or [0])[0] + 1
        if token.type == "heading_open" and token.tag in ("h1", "h2"):
            title = tokens[index + 1].content.strip()
            skip = 2
            if token.tag == "h1":
                if head is not None:
                    raise refusal(title, "a lesson has one title", "Begin steps with ##.", line)
                head = _Part(title, line)
            else:
                parts.append(_Part(title, line))
        elif head is None:
            raise refusal(
                token.content, "a lesson begins with its title", "Begin with # and the title.", line
            )
        else:
            (parts[-1] if parts else head).tokens.append(token)
    if head is None:
        raise refusal("", "a lesson begins with its title", "Begin with # and the title.", 1)
    return head, parts


def lines_of(token: Token) -> Iterator[tuple[int, str, str]]:
    """The lines ``key: text`` of a block, each with its number from 1; an indented line goes on with the one before."""
    held: tuple[int, str, str] | None = None
    for number, line in enumerate(token.content.split("\n"), start=(token.map or [0])[0] + 2):
        if not line.strip():
            continue
        if found := _LINE.match(line):
            if held:
                yield held
            held = (number, found[1], found[2].strip())
        elif held and line[:1].isspace():
            held = (held[0], held[1], f"{held[2]} {line.strip()}".strip())
        else:
            raise refusal(
                line, "this line says nothing", "Write key: value, and indent what goes on.", number
            )
    if held:
        yield held


def _facts(head: _Part) -> dict[str, Any]:
    blocks = [token for token in head.tokens if token.type == "fence"]
    others = [token for token in head.tokens if token.type != "fence"]
    if others:
        at = (others[0].map or [head.line])[0] + 1
        raise refusal(
            others[0].content, "prose stands in steps", "Put it below a heading of the second level.", at
        )
    if len(blocks) != 1 or blocks[0].info.strip() != "lesson":
        remedy = f"Add a fenced block lesson with {', '.join(FACTS)} below the title."
        raise refusal(head.title, "the lesson says nothing about itself", remedy, head.line)
    found: dict[str, Any] = {}
    for line, key, text in lines_of(blocks[0]):
        if key not in FACTS or not text:
            raise refusal(
                f"{key}: {text}", "this is no fact about a lesson", f"Use {', '.join(FACTS)}.", line
            )
        found[key] = text
        if key == "minutes":
            if not text.isdigit() or not 1 <= int(text) <= MOST_MINUTES:
                reason = f"minutes are a whole number from 1 to {MOST_MINUTES}"
                raise refusal(text, reason, "Count how long it takes a person.", line)
            found[key] = int(text)
    missing = [key for key in FACTS if key not in found]
    if missing:
        raise refusal(head.title, f"{missing[0]} is missing", f"Add {missing[0]}: …", head.line)
    return found


def _notes(part: _Part) -> Notes:
    found: dict[str, list[Inline]] = {}
    key = ""
    prose = Prose(_Nothing(), typed=True)
    for index, token in enumerate(part.tokens):
        line = (token.map or [part.line])[0] + 1
        if token.type == "heading_open":
            key = part.tokens[index + 1].content.strip().lower()
            if key not in NOTES:
                raise refusal(key, "this is no part of a lecturer's notes", f"Use {', '.join(NOTES)}.", line)
            found[key] = []
        elif token.type == "inline" and part.tokens[index - 1].type != "heading_open":
            if not key:
                raise refusal(token.content, "notes stand below a heading", "Add ### Objectives.", line)
            found[key].append(prose.inline(token, 0))
    for name in NOTES:
        if not found.get(name):
            remedy = f"Add ### {name.capitalize()} and a list."
            raise refusal(part.title, f"the notes have no {name}", remedy, part.line)
    return Notes(*(found[name] for name in NOTES))


class _Nothing:
    """Names of a prose that computes nothing."""

    def value(self, name: str) -> Any:
        raise KeyError(name)

    def functions(self) -> dict[str, Any]:
        return {}

    def known(self) -> list[str]:
        return ["numbers"]


def _stage(part: _Part, stage: Stage | None, state: State | None) -> tuple[Stage, State]:
    """The state of a step: its own, or that of the step before."""
    blocks = [token for token in part.tokens if token.type == "fence" and token.info.strip() == "stage"]
    if not blocks:
        if stage is None or state is None:
            raise refusal(part.title, "the first step has no state", "Add a fenced block stage.", part.line)
        return stage, state
    if len(blocks) > 1:
        at = (blocks[1].map or [0])[0] + 1
        raise refusal(part.title, "a step has one state", "Make two steps of it.", at)
    return read_stage(blocks[0])


def read_stage(token: Token) -> tuple[Stage, State]:
    """The state of a stage block.

    A fragment, over lines that begin with &; ``layer: op=…`` for each layer after the first; ``controls: …``; and
    ``name = expression`` for values that the step's expressions share.
    """
    first = (token.map or [0])[0] + 2
    fragment = ""
    named: list[tuple[int, str, str]] = []
    controls: tuple[str, ...] = ()
    for number, line in enumerate(token.content.split("\n"), start=first):
        text = line.strip()
        if text.startswith(("#", "&")):
            fragment += text
        elif text.startswith("controls:"):
            controls = tuple(filter(None, (one.strip() for one in text[9:].split(","))))
            _check_controls(controls, number)
        elif text.startswith("layer:"):
            fragment += f"&layer={quote(text[6:].strip(), safe=':;,/=@$')}"
        elif found := _NAMED.fullmatch(text):
            named.append((number, found[1], found[2]))
        elif text:
            raise refusal(
                text,
                "this line says nothing",
                "Write #v1&…, layer: op=…, name = expression or controls: …",
                number,
            )
    state = state_at(fragment, first)
    for number, name, written in named:
        try:
            state.named[name] = read_expression(written).value(state)
        except Faulty as fault:
            raise refusal(written, fault.reason, fault.remedy, number, fault.column + 1) from None
        except Problem as problem:
            raise refusal(written, problem.reason, problem.remedy, number) from None
    return Stage(fragment, controls), state


@functools.cache
def _settings() -> frozenset[str]:
    """The settings of all operations."""
    return frozenset(
        one["name"] for operation in registry().values() for one in operation.describe()["parameters"]
    )


def _check_controls(controls: tuple[str, ...], line: int) -> None:
    for name in controls:
        if name not in CONTROLS and name not in _settings():
            remedy = f"Use {', '.join(CONTROLS)}, or a setting of a layer."
            raise refusal(name, "no control has this name", remedy, line)


def state_at(fragment: str, line: int) -> State:
    """The state of a fragment that stands at a line; raises Unreadable for one that does not hold."""
    try:
        link = read_link(fragment)
        for key in link.page:
            if key not in LOOKED_AT:
                raise refusal(key, "no setting and no part of a link has this name", "Look for a slip.", line)
        state = State(link)
        state.check()
        return state
    except Problem as problem:
        if problem.position is not None:
            raise
        setting = problem.field or "stage"
        shown = fragment if problem.value is None else str(problem.value)
        raise refusal(f"{setting} = {shown}", problem.reason, problem.remedy, line) from None


def _step(part: _Part, stage: Stage, state: State, seed: str) -> LessonStep:
    prose = Prose(state)
    ask: Ask | None = None
    tokens: list[Token] = []
    for token in part.tokens:
        if token.type != "fence":
            tokens.append(token)
            continue
        kind = token.info.split()
        line = (token.map or [0])[0] + 1
        if kind[:1] == ["stage"]:
            continue
        if kind[:1] != ["ask"]:
            _unknown(token, line)
        if ask is not None:
            raise refusal(part.title, "a step asks one thing", "Make two steps of it.", line)
        ask = read_ask(token, kind[1:], state, seed)
    blocks: Blocks = prose.blocks(tokens)
    if not blocks and ask is None:
        raise refusal(part.title, "the step says nothing", "Write a sentence.", part.line)
    return LessonStep(part.title, stage, blocks, ask)


def _unknown(token: Token, line: int) -> NoReturn:
    remedy = "Use stage, or ask number, ask shape, ask choice, ask cell."
    raise refusal(token.info, "no block has this name", remedy, line)
