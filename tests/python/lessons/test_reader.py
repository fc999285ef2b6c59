"""Lessons are read with every number computed, and each fault is told at its line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from app.core.errors import Problem
from app.lessons.lesson import Lesson
from app.lessons.library import Library
from app.lessons.reader import CONTROLS, LOOKED_AT, read_lesson
from app.lessons.state import NAMES, State

STATE = "#v1&op=convolution&kernel=2&source=values:1x3x3:1,-1,-1,-1,1,-1,-1,-1,1&weights=preset:diagonal"
ASK = """```ask number
Which number?
key: output[0, 0, 0]
wrong: sum(window(0, 0)) => The cells alone.
explain: It is `= output[0, 0, 0]`.
```"""
NOTES = "## For lecturers\n\n### Objectives\n\n- One\n\n### Misconceptions\n\n- Two\n\n### Discussion\n\n- Three\n"


def written(
    *, first: str = "The map has `= plan.output_shape[1]` rows.", ask: str = ASK, state: str = STATE
) -> str:
    steps = [f"## Step {number}\n\nWords.\n\n{ASK}\n" for number in range(2, 6)]
    head = "# A title\n\n```lesson\nline: A line\ngoal: A goal\nminutes: 5\n```\n"
    return f"{head}\n## Step 1\n\n```stage\n{state}\n```\n\n{first}\n\n{ask}\n\n" + "\n".join([*steps, NOTES])


def lesson(**parts: str) -> Lesson:
    return read_lesson(written(**parts), "a-lesson")


def fault(**parts: str) -> Problem:
    with pytest.raises(Problem) as refused:
        lesson(**parts)
    assert refused.value.position is not None
    return refused.value


def line_of(problem: Problem, **parts: str) -> str:
    assert problem.position is not None
    return written(**parts).split("\n")[problem.position.line - 1]


def test_numbers_of_the_prose_are_computed() -> None:
    content = lesson().steps[0].prose[0]["content"]
    assert content == ["The map has ", {"kind": "value", "text": "2"}, " rows."]


def test_markdown_becomes_a_tree_without_markup() -> None:
    expected = (
        lesson(first="*Soft* **hard** `input: cell` `x` [here](#v1&op=dense)\n\n- one\n- two").steps[0].prose
    )
    kinds = [one["kind"] for one in expected[0]["content"] if isinstance(one, dict)]
    assert kinds == ["emphasis", "strong", "role", "code", "link"]
    assert expected[1] == {"kind": "list", "ordered": False, "items": [["one"], ["two"]]}


def test_a_step_without_a_state_keeps_that_of_the_step_before() -> None:
    found = lesson()
    assert {step.stage.fragment for step in found.steps} == {STATE}


def test_keys_are_computed_and_told_only_where_they_are_asked_for() -> None:
    ask = lesson().to_json(keys=False)["steps"][0]["ask"]
    assert "key" not in ask
    assert "wrong" not in ask
    assert ask["about"] == {"grid": "output", "lane": 0, "cell": [0, 0]}
    with_keys = lesson().to_json(keys=True)["steps"][0]["ask"]
    assert with_keys["key"]["value"] == 4
    assert {one["value"] for one in with_keys["wrong"]} == {0}


def test_a_seed_shuffles_options_and_keeps_their_ids() -> None:
    orders: dict[str, set[Any]] = {"ids": set(), "orders": set()}
    for seed in range(20):
        ids = [one["id"] for one in lesson().to_json(seed, keys=False)["steps"][0]["ask"]["options"]]
        orders["ids"].add(frozenset(ids))
        orders["orders"].add(tuple(ids))
    assert len(orders["ids"]) == 1
    assert len(orders["orders"]) == 2


@pytest.mark.parametrize(
    ("parts", "words", "line"),
    [
        ({"first": "See <b>this</b>."}, "HTML", "See <b>this</b>."),
        ({"first": "<script>x</script>"}, "HTML", "<script>x</script>"),
        ({"first": "One\ntwo `= nothing`."}, "nothing here is called nothing", "two `= nothing`."),
        ({"first": "One, 2.\nIt has 64 maps."}, "computed and not typed", "It has 64 maps."),
        ({"ask": ASK.replace("The cells alone", "Each has 0.5")}, "computed and not typed", "wrong: sum"),
        ({"first": "`= output`"}, "cannot be written", "`= output`"),
        ({"first": "[away](https://example.org)"}, "no other place", "[away](https://example.org)"),
        ({"first": "[broken](#v1&op=none)"}, "no operation", "[broken](#v1&op=none)"),
        ({"state": f"{STATE}&kernal=3"}, "no part of a link", f"{STATE}&kernal=3"),
        ({"state": "#v1&op=convolution&kernel=9&source=values:1x3x3:1,1,1,1,1,1,1,1,1"}, "kernel", "#v1"),
        ({"state": f"{STATE}\ncontrols: volume"}, "no control", f"{STATE}"),
        ({"ask": ASK.replace("output[0, 0, 0]\n", "output[0, 5, 0]\n")}, "no value", "key: output[0, 5, 0]"),
        (
            {"ask": ASK.replace("sum(window(0, 0))", "output[0, 1, 1]")},
            "right answer",
            "wrong: output[0, 1, 1]",
        ),
        ({"ask": ASK.replace(" => The cells alone.", "")}, "too little", "wrong: sum(window(0, 0))"),
        ({"ask": ASK.replace("ask number", "ask colour")}, "no question has this kind", "```ask colour"),
        ({"ask": ASK.replace("ask number", "shout")}, "no block has this name", "```shout"),
        ({"ask": ASK.replace("key: output[0, 0, 0]\n", "")}, "no key", "```ask number"),
        ({"ask": ASK + "\n\n" + ASK}, "asks one thing", "```ask number"),
    ],
)
def test_a_fault_is_told_at_its_line(parts: dict[str, str], words: str, line: str) -> None:
    problem = fault(**parts)
    assert words in problem.detail
    assert line_of(problem, **parts).startswith(line) or line.startswith("#v1")


CHOICE = """```ask choice
Which?
option: Large => output[0, 0, 0] > {limit} => Too much.
option: Small => output[0, 0, 0] < 3 => Too little.
explain: So it is.
```"""


def test_one_option_must_be_right() -> None:
    found = lesson(ask=CHOICE.format(limit=3)).steps[0].ask
    assert found is not None
    assert found.key.content == ["Large"]
    assert "0 of 2 options are right" in fault(ask=CHOICE.format(limit=5)).detail


def test_cells_are_places_or_a_condition() -> None:
    ask = "```ask cell\nClick.\nkey: output[0] == 4\nwrong: output[0] < 0 => No.\nexplain: Yes.\n```"
    found = lesson(ask=ask).steps[0].ask
    assert found is not None
    assert found.key.value == [[0, 0], [1, 1]]
    assert found.grid == "output"


def test_every_lesson_is_read_without_a_fault() -> None:
    library = Library()
    assert library.problems() == []
    for name, found in library.lessons().items():
        answer = found.to_json(keys=True)
        assert answer["name"] == name
        for step in answer["steps"]:
            ask = step["ask"]
            if ask is None:
                continue
            assert ask["explanation"]
            if ask["kind"] != "cell":
                assert ask["key"]["id"] in {option["id"] for option in ask["options"]}
                assert len(ask["options"]) == 1 + len(ask["wrong"])


CONTRIBUTING = (Path(__file__).parents[3] / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_the_example_for_authors_is_a_lesson_once_it_has_its_steps_and_notes() -> None:
    section = CONTRIBUTING.split("## Write a lesson")[1].split("\n## ")[0]
    example = "\n".join(
        line.removeprefix("    ") for line in section.split("\n") if line.startswith("    ") or not line
    )
    head, _, rest = example.partition("## Only the largest")
    step = f"## Only the largest{rest.split('## For lecturers')[0]}"
    found = read_lesson(f"{head}{step * 5}\n{NOTES}", "example")
    assert found.questions == 5
    assert found.steps[0].ask is not None
    assert found.steps[0].ask.key.value == 4


def test_authors_are_told_every_name_and_function() -> None:
    section = CONTRIBUTING.split("## Write a lesson")[1].split("\n## ")[0]
    state = State.of(STATE)
    named = set(re.findall(r"[a-z_0-9]+", section))
    assert {*NAMES, *state.functions()} <= named


@pytest.mark.parametrize(
    ("key", "then", "hides"),
    [
        ("output[0, 0, 0]", "", "value"),
        ("plan.output_shape[1]", "", "shape"),
        ("plan.parameters", "", "output"),
        ("changed(padding=1).output[0, 0, 0] + 9", "then: changed(padding=1)\n", "nothing"),
        ("output[0, 0, 0] + 0", "then: changed(stride=1)\n", "output"),
        ("plan.taps", "hides: nothing\n", "nothing"),
    ],
)
def test_the_stage_hides_what_would_give_the_answer_away(key: str, then: str, hides: str) -> None:
    ask = f"```ask number\nWhich?\nkey: {key}\nwrong: 77 => No.\nexplain: Yes.\n{then}```"
    assert lesson(ask=ask).to_json(keys=False)["steps"][0]["ask"]["hides"] == hides


LINKS = Path(__file__).parents[3] / "static" / "js" / "link"


def _keys(file: str, start: str) -> set[str]:
    """The keys of a table of the page's source."""
    table = (LINKS / file).read_text(encoding="utf-8").split(start)[1].split("\n};")[0]
    return set(re.findall(r"^  (\w+)[:(]", table, re.MULTILINE))


def test_parts_of_links_and_controls_are_those_of_the_page() -> None:
    # The comparison in a link has a reader of its own; the server drops the day until which it is kept.
    assert set(LOOKED_AT) | {"kept"} == _keys("fragment.js", "const READERS = {") | {"against"}
    assert set(CONTROLS) == _keys("hideable.js", "export const PARTS = {")


def test_a_link_in_prose_keeps_its_layers() -> None:
    fragment = "#v1&op=convolution&layer=op=max_pooling%26kernel=2&views=train"
    content = lesson(first=f"[Go]({fragment}) on.").steps[0].prose[0]["content"]
    assert content[0] == {"kind": "link", "fragment": fragment, "content": ["Go"]}
