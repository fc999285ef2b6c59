"""Links are read as the page reads them, one state is one text, and what is no link is refused with its part."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import Problem
from app.link.fragment import MOST_BYTES, Link, LinkedLayer, read_link, write_link
from app.link.values import (
    Unreadable,
    json_number,
    number_text,
    source_text,
    source_value,
    weights_text,
    weights_value,
)

KEPT = json.loads((Path(__file__).parents[2] / "kept" / "links.json").read_text())["v1"]
Json = Any


@pytest.mark.parametrize("one", KEPT, ids=lambda one: one["link"][:70])
def test_a_link_means_here_what_it_means_to_the_page(one: Json) -> None:
    link, opens = read_link(one["link"]), one["opens"]
    first = link.layers[0]
    assert {key: value for key, value in first.spec.items() if key != "operation"} == opens.get("spec", {})
    assert first.spec["operation"] == opens["operation"]
    assert link.source == opens.get("source")
    assert first.weights == opens.get("weights")
    assert link.count("step") == opens.get("step")
    assert link.count("lane") == opens.get("lane")


@pytest.mark.parametrize("one", KEPT, ids=lambda one: one["link"][:70])
def test_the_text_of_a_state_is_read_as_the_same_state(one: Json) -> None:
    text = write_link(read_link(one["link"]))
    assert write_link(read_link(text)) == text
    assert read_link(text).page == read_link(one["link"]).page


@given(st.integers(0, len(KEPT) - 1), st.randoms())
def test_the_order_of_parts_and_their_spelling_change_nothing(number: int, chance: random.Random) -> None:
    link = KEPT[number]["link"]
    version, *parts = link.removeprefix("#").split("&")
    chance.shuffle(parts)
    spelt = [f"{key.upper()}={value}" for key, _, value in (part.partition("=") for part in parts)]
    assert write_link(read_link("&".join([version, *spelt]))) == write_link(read_link(link))


def test_defaults_tokens_and_the_day_of_uploads_are_no_part_of_a_state() -> None:
    plain = write_link(read_link("#v1&op=convolution&source=sample:cross"))
    said = "#v1&op=convolution&kernel=3&stride=1&flip=false&source=sample:cross&token=secret&kept=2026-12-01"
    assert write_link(read_link(said)) == plain == "#v1&op=convolution&source=sample:cross"
    assert write_link(read_link("#v1&op=convolution&rules=keras&padding=0")).count("padding") == 1


def test_layers_after_the_first_are_read_with_their_names_and_weights() -> None:
    link = read_link(
        "#v1&op=convolution&name=one&layer=op=max_pooling%26kernel=2&layer=op=dense%26weights=preset:box&chosen=2"
    )
    assert [layer.spec["operation"] for layer in link.layers] == ["convolution", "max_pooling", "dense"]
    assert link.layers[0].spec["name"] == "one"
    assert link.layers[2].weights == {"kind": "preset", "name": "box"}
    assert write_link(read_link(write_link(link))) == write_link(link)


def test_a_link_to_a_lesson_step_holds_no_layers_and_is_one_text() -> None:
    link = read_link("#v1&LESSON=shapes/3&theme=dark")
    assert (link.layers, link.source, link.page) == ((), None, {"lesson": "shapes/3", "theme": "dark"})
    assert write_link(link) == "#v1&lesson=shapes/3&theme=dark"
    beside = read_link("#v1&op=convolution&stride=2&lesson=shapes/3")
    assert [layer.spec["stride"] for layer in beside.layers] == [2]
    assert write_link(beside) == "#v1&op=convolution&stride=2&lesson=shapes/3"


@pytest.mark.parametrize(
    ("fragment", "field"),
    [
        ("#v1&lesson=", "lesson"),
        ("#v1&lesson=../etc/passwd", "lesson"),
        ("#v1&op=convolution&lesson=shapes/0", "lesson"),
        ("", "fragment"),
        ("v2&op=convolution", "fragment"),
        ("#v1&op=convolution&kernel=3 5", "fragment"),
        ("#v1&op=convolution\n", "fragment"),
        ("#v1&op=convolution&kernel=%ff", "fragment"),
        ("#v1&<script>=1", "fragment"),
        ("#v1&op=<script>alert(1)</script>", "op"),
        ("#v1&op=convolution&kernel=three", "kernel"),
        ("#v1&op=convolution&kernel=1,2,3,4", "kernel"),
        ("#v1&op=convolution&padding=sideways", "padding"),
        ("#v1&op=convolution&source=file:///etc/passwd", "source"),
        ("#v1&op=convolution&source=image:../../etc/passwd", "source"),
        ("#v1&op=convolution&source=values:2x2:1,2,3", "source"),
        ("#v1&op=convolution&source=values:9999999999x1:1", "source"),
        ("#v1&op=convolution&weights=stored:abc", "weights"),
        ("#v1&op=convolution&name=%3Cb%3E", "name"),
        ("#v1&op=convolution&step=-1", "step"),
        ("#v1&op=convolution&anything=%00", "anything"),
        ("#v1&op=convolution&layer=op=dense%26layer=op=dense", "layer"),
        ("#v1&op=convolution" + "&layer=op=dense" * 64, "layer"),
        ("#v1&op=convolution&note=" + "x" * MOST_BYTES, "fragment"),
    ],
)
def test_what_is_no_link_is_refused_with_the_part_at_fault(fragment: str, field: str) -> None:
    with pytest.raises(Problem) as refused:
        read_link(fragment)
    assert refused.value.field == field
    assert refused.value.pointer == "/fragment"
    assert refused.value.remedy


@given(st.text(max_size=200))
def test_any_text_is_a_link_or_a_problem(text: str) -> None:
    for fragment in (text, f"#v1&op=convolution&{text}", f"#v1&op=convolution&source={text}"):
        try:
            found = write_link(read_link(fragment))
        except Problem:
            continue
        assert found.isascii()
        assert not set(found) & set("\"'<> `\\")


numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**12), 10**12)


@given(numbers)
def test_a_number_is_written_so_that_it_is_read_as_itself(value: float) -> None:
    assert json_number(number_text(value)) == value


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_what_json_cannot_hold_stays_a_word(word: str) -> None:
    assert json_number(number_text(word)) == json_number(word.lower()) == word


@given(
    st.lists(
        st.lists(numbers, min_size=2, max_size=2),
        min_size=1,
    )
)
def test_values_and_weights_are_written_so_that_they_are_read_as_themselves(rows: Json) -> None:
    source = {"kind": "values", "values": rows, "axes": 1}
    assert source_value(source_text(source)) == source
    weights = {"kind": "values", "values": [[rows]], "bias": rows[0]}
    assert weights_value(weights_text(weights)) == weights


@given(
    st.lists(st.tuples(st.integers(0, 10**6), st.floats(-1e9, 1e9)), min_size=1, max_size=9),
    st.integers(0, 2**32 - 1),
)
def test_edits_are_written_so_that_they_are_read_as_themselves(edits: Json, seed: int) -> None:
    weights = {"kind": "preset", "name": "random", "seed": seed, "edits": [list(edit) for edit in edits]}
    assert weights_value(weights_text(weights)) == weights


def test_a_number_beyond_all_numbers_is_refused() -> None:
    for text in ("1e999", "9" * 400, "1_000", "١", "+1", "0x10"):
        with pytest.raises(Unreadable):
            json_number(text)


def test_a_link_of_parts_can_be_written_without_reading_one() -> None:
    link = Link((LinkedLayer({"operation": "max_pooling", "kernel": [2, 3]}),), None, {"step": "4"})
    assert write_link(link) == "#v1&op=max_pooling&kernel=2,3&step=4"
