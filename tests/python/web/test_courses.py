"""Experiments over the socket: credits, snapshots as frames, changes that branch, cancelling, and going on."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from app.data.bundle import Bundle, safetensors_bytes
from app.web.http.training import EXAMPLE_TRAIN
from app.web.stream import protocol

from ...serving import Server
from .test_stream import Page, open_socket

Json = dict[str, Any]
MANY = 100_000


def begin(page: Page, credits: int = MANY, job: int = 1, **changes: Any) -> Json:
    """Start an experiment; its begin."""
    page.send({"type": "train", "job": job, "credits": credits, **EXAMPLE_TRAIN, **changes})
    message = page.text()
    assert message["type"] == "begin", message
    return message


def told_until(page: Page, *types: str) -> list[Json]:
    """All messages up to one of these types; frames are passed over."""
    found: list[Json] = []
    while not found or found[-1]["type"] not in types:
        message = page.receive()
        if isinstance(message, dict):
            found.append(message)
    return found


@contextlib.contextmanager
def page_of(server: Server) -> Iterator[Page]:
    with open_socket(server) as connection:
        yield Page(connection)


def test_an_experiment_is_told_and_its_snapshots_come_as_frames(server: Server) -> None:
    with page_of(server) as page:
        messages = begin(page, snapshots=10)
        names = [name for name, _ in messages["parameters"]]
        assert names == ["conv1.weight", "conv1.bias", "votes.weight", "votes.bias"]
        numbers = sum(int(np.prod(shape)) for _, shape in messages["parameters"])
        rows = []
        for step in (0, 10, 20):
            about = page.text()
            assert (about["type"], about["step"], about["numbers"], about["frames"]) == (
                "snapshot",
                step,
                numbers,
                1,
            )
            header, planes = page.frame()
            assert (header.kind, header.last, header.count) == (protocol.Kind.SNAPSHOT, True, numbers)
            rows.append(planes[0])
            assert page.text()["step"] == step
        end = page.text()
    assert (end["type"], end["job"], end["step"]) == ("end", 1, 20)
    assert (rows[0] != rows[2]).any()
    bundle = server.fetch(
        f"/api/v1/bundles/{end['parameters']['id']}", headers={"accept": "application/json"}
    )[1]
    assert json.loads(bundle)["metadata"] == {"step": "20"}


def test_without_credits_training_pauses(server: Server) -> None:
    with page_of(server) as page:
        begin(page, credits=2, report=1, steps=50)
        assert [page.text()["step"] for _ in range(2)] == [0, 1]
        assert page.quiet()
        page.send({"type": "credit", "job": 1, "n": 3})
        assert [page.text()["step"] for _ in range(3)] == [2, 3, 4]
        assert page.quiet()


def test_a_change_holds_from_the_next_step_and_resets_nothing(server: Server) -> None:
    with page_of(server) as page:
        begin(page, credits=1, report=1, steps=12)
        page.text()
        page.send({"type": "change", "job": 1, "settings": {"optimiser": {"kind": "sgd", "rate": 0}}})
        page.send({"type": "credit", "job": 1, "n": MANY})
        messages = told_until(page, "end")
        kinds = [one["type"] for one in messages]
        place = kinds.index("changed")
        assert messages[place]["branched"] is False
        losses = [one["training_loss"] for one in messages[place:] if one["type"] == "step"]
        assert len(losses) > 5
        assert np.ptp(losses[1:]) == 0  # a rate of 0 moves nothing any more


def test_a_change_from_a_step_that_has_passed_branches_there(server: Server) -> None:
    """The numbers are those of an experiment that was changed at that step in the first place."""
    changed = {"optimiser": {"kind": "adam", "rate": 0.05}}
    ends = []
    for early in (True, False):
        with page_of(server) as page:
            begin(page, credits=1 if early else 4, report=4, steps=16)
            for _ in range(1 if early else 4):
                page.text()
            page.send({"type": "change", "job": 1, "step": 4, "settings": changed})
            page.send({"type": "credit", "job": 1, "n": MANY})
            messages = told_until(page, "end")
            mark = next(one for one in messages if one["type"] == "changed")
            assert (mark["step"], mark["branched"]) == (4, not early)
            ends.append(messages[-1])
    assert ends[0]["parameters"]["id"] == ends[1]["parameters"]["id"]


def test_a_change_that_does_not_fit_is_refused_and_training_goes_on(server: Server) -> None:
    with page_of(server) as page:
        begin(page, credits=1, report=5)
        page.text()
        page.send({"type": "change", "job": 1, "settings": {"dropout": {"conv1": 0.5}}})
        page.send({"type": "credit", "job": 1, "n": MANY})
        messages = told_until(page, "end")
    refusal = next(one for one in messages if one["type"] == "error")
    assert refusal["problem"]["field"] == "dropout"
    assert messages[-1]["step"] == 20


def test_cancel_ends_an_experiment_and_a_newer_job_takes_its_place(server: Server) -> None:
    with page_of(server) as page:
        begin(page, credits=1, steps=50_000)
        page.text()
        page.send({"type": "cancel", "job": 1})
        begin(page, credits=1, job=2, steps=50_000)
        page.text()
        page.send({"type": "train", "job": 3, "credits": MANY, **EXAMPLE_TRAIN})
        assert page.text() == {"type": "superseded", "job": 2}
        assert told_until(page, "end")[-1]["job"] == 3


def test_checkpoints_come_as_frames_from_which_another_server_goes_on(server: Server) -> None:
    with page_of(server) as page:
        begin(page, checkpoints=10, report=10, steps=20)
        messages = told_until(page, "checkpoint")[-1]
        header, planes = page.frame()
        end = told_until(page, "end")[-1]
    assert header.kind is protocol.Kind.CHECKPOINT
    assert messages["rows"] == ["row", "optimiser.mean", "optimiser.square"]
    about = {"step": messages["step"], "updates": messages["updates"], "kind": "adam"}
    bundle = Bundle(dict(zip(messages["rows"], planes, strict=True)), {"checkpoint": json.dumps(about)})
    kept = json.loads(server.fetch("/api/v1/bundles", safetensors_bytes(bundle))[1])
    with page_of(server) as page:
        begin(page, checkpoint=kept["id"])
        again = told_until(page, "end")[-1]
    assert again["parameters"]["id"] == end["parameters"]["id"]


@pytest.mark.parametrize(
    ("changes", "field"), [({"steps": 10**9}, "steps"), ({"layers": EXAMPLE_TRAIN["layers"][:2]}, "layers")]
)
def test_an_experiment_that_cannot_be_costs_no_connection(server: Server, changes: Json, field: str) -> None:
    with page_of(server) as page:
        page.send({"type": "train", "job": 1, "credits": 5, **EXAMPLE_TRAIN, **changes})
        message = page.text()
        assert message["type"] == "error"
        assert message["problem"]["field"] == field
        begin(page, job=2)
