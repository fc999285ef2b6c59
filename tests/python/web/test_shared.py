"""Experiments that many read: computed once, each reader at its place, forgotten after the last one."""

from __future__ import annotations

import json
import math
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from app.core.errors import Busy
from app.core.learning.loop import JUDGED_AT_ONCE, Training
from app.core.network.shapes import shapes_of
from app.settings import Settings
from app.web.http.training import EXAMPLE_TRAIN, TrainRequest
from app.web.stream import shared as sharing
from app.web.stream.jobs import Services
from app.web.stream.learning import bundle_of_checkpoint, kept
from app.web.stream.shared import Item, Reader, items_of, key_of, shared_course
from app.web.stream.training_costs import BACK, STEP_NUMBERS, check_step, judged_at_once

from ...serving import Server
from .test_courses import MANY, begin, page_of, told_until

Json = dict[str, Any]
ADAM = {"kind": "adam", "rate": 0.05}


def request(**changes: Any) -> TrainRequest:
    asked = {**EXAMPLE_TRAIN, "report": 5, **changes}
    return TrainRequest.model_validate_json(json.dumps(asked))


async def joined(served: Services, asked: TrainRequest, checkpoints: int = 0) -> Reader:
    return await served.experiments.join(key_of(asked), lambda: shared_course(served, asked, checkpoints))


async def all_of(served: Services, reader: Reader) -> list[Item]:
    return [item async for item in items_of(served, reader)]


def texts(items: list[Item]) -> list[str]:
    return [item.text for item in items if item.kind == "step"]


def run(tmp_path: Path, work: Callable[[Services], Awaitable[None]], **settings: Any) -> None:
    served = Services.of(Settings(uploads=tmp_path, **settings))
    anyio.run(work, served)


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The training steps that this process computes."""
    steps: list[int] = []
    train = Training.train

    def noted(self: Training) -> float:
        steps.append(self.step)
        return train(self)

    monkeypatch.setattr(Training, "train", noted)
    return steps


def test_an_experiment_that_many_open_is_computed_once_and_told_to_each(
    tmp_path: Path, trained: list[int]
) -> None:
    received: list[list[str]] = []

    async def work(served: Services) -> None:
        async def one(late_s: float) -> None:
            await anyio.sleep(late_s)
            reader = await joined(served, request(snapshots=10))
            received.append(texts(await all_of(served, reader)))

        async with anyio.create_task_group() as group:
            for place in range(50):
                group.start_soon(one, place % 3 * 0.01)

    run(tmp_path, work)
    assert trained == list(range(20)), "each training step once"
    assert len(received) == 50
    assert all(one == received[0] for one in received)
    assert [json.loads(text)["step"] for text in received[0]] == [0, 5, 10, 15, 20]


def test_other_settings_are_another_experiment_and_what_a_socket_adds_is_none() -> None:
    assert key_of(request()) == key_of(request())
    named = [{**EXAMPLE_TRAIN["layers"][0], "inputs": ["input"]}, *EXAMPLE_TRAIN["layers"][1:]]
    assert key_of(request(layers=named)) == key_of(request(layers=named))
    for other in ({"seed": 1}, {"report": 4}, {"snapshots": 3}, {"changes": [{"step": 3, "settings": {}}]}):
        assert key_of(request()) != key_of(request(**other))


def test_without_a_reader_nothing_is_trained_and_a_while_later_it_is_forgotten(
    tmp_path: Path, trained: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(served: Services) -> None:
        reader = await joined(served, request(steps=5_000))
        while reader.step < 5:
            if reader.behind:
                reader.take()
            else:
                await reader.shared.advance(served, reader.place, 1)
        held = served.admission.experiments.total()
        assert held > 0
        reader.close()
        count = len(trained)
        again = await joined(served, request(steps=5_000))
        assert again.shared is reader.shared, "who comes back soon goes on with it"
        monkeypatch.setattr(sharing, "FORGOTTEN_S", 0)
        again.close()
        for _ in range(5):  # turns of the loop
            await anyio.lowlevel.checkpoint()
        assert len(served.experiments) == 0
        assert served.admission.experiments.total() == 0
        assert len(trained) == count < 5_000

    run(tmp_path, work)


def test_from_the_checkpoint_of_a_report_the_same_reports_come(tmp_path: Path) -> None:
    changes = [{"step": 8, "settings": {"optimiser": {"kind": "momentum", "rate": 0.01}}}]

    async def work(served: Services) -> None:
        whole = await joined(served, request(steps=40, changes=changes), checkpoints=1)
        expected = texts(await all_of(served, whole))
        for step in (5, 10, 25):
            found = whole.shared.checkpoint_at(step)
            assert found.step == step
            stored = await kept(served, bundle_of_checkpoint(found), "")
            on = await joined(served, request(steps=40, changes=changes, checkpoint=stored["id"]))
            assert texts(await all_of(served, on)) == [
                text for text in expected if json.loads(text)["step"] > step
            ]

    run(tmp_path, work)


def test_who_reads_slowly_misses_snapshots_and_no_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "ROW_BYTES", 10_000)

    async def work(served: Services) -> None:
        asked = request(steps=60, snapshots=1)
        slow, fast = await joined(served, asked), await joined(served, asked)
        first = await all_of(served, fast)
        late = await all_of(served, slow)
        assert texts(late) == texts(first)
        missed = [sum(item.kind == "snapshot" for item in items) for items in (first, late)]
        assert missed[0] == 61
        assert 2 <= missed[1] < 31

    run(tmp_path, work)


def test_what_is_told_and_not_read_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "TEXT_BYTES", 5_000)

    async def work(served: Services) -> None:
        asked = request(steps=60, report=1)
        slow, fast = await joined(served, asked), await joined(served, asked)
        assert len(texts(await all_of(served, fast))) == 61
        with pytest.raises(Busy):
            await all_of(served, slow)
        late = await joined(served, asked)
        assert len(texts(await all_of(served, late))) == 61, "and one who comes later has it computed anew"

    run(tmp_path, work)


def test_experiments_that_would_hold_too_much_together_are_refused_beforehand(tmp_path: Path) -> None:
    async def work(served: Services) -> None:
        first = await joined(served, request())
        with pytest.raises(Busy, match="experiments"):
            await joined(served, request(seed=1))
        assert (await joined(served, request())).shared is first.shared

    run(tmp_path, work, train_bytes=1_000)


@pytest.mark.parametrize("filters", [1, 30, 3000])
def test_examples_are_judged_in_pieces_that_are_no_larger_than_a_training_step_may_be(filters: int) -> None:
    layers = [
        {"operation": "convolution", "kernel": 1, "filters": filters},
        {"operation": "dense", "filters": 2},
    ]
    shapes = shapes_of(request(layers=layers).network, (1, 12, 12))
    count = judged_at_once(shapes)
    check_step(shapes, 1)
    if count > 1:
        check_step(shapes, count // BACK)  # judging goes forward only
    numbers = count * sum(math.prod(placed.shape) for placed in shapes.placed.values())
    assert numbers <= STEP_NUMBERS
    assert (count < JUDGED_AT_ONCE) == (filters == 3000)


def test_a_page_that_changes_goes_its_own_way_and_the_other_goes_on(server: Server) -> None:
    settings: Json = {"report": 4, "steps": 40, "seed": 77}
    with page_of(server) as page, page_of(server) as other:
        begin(page, credits=5, **settings)
        begin(other, credits=1, **settings)
        assert [page.text()["step"] for _ in range(5)] == [0, 4, 8, 12, 16]
        assert other.text()["step"] == 0
        page.send({"type": "change", "job": 1, "step": 8, "settings": {"optimiser": ADAM}})
        page.send({"type": "credit", "job": 1, "n": MANY})
        changed = told_until(page, "end")
        other.send({"type": "credit", "job": 1, "n": MANY})
        plain = told_until(other, "end")
    assert [one["step"] for one in changed if one["type"] == "changed"] == [8]
    assert [one["step"] for one in plain if one["type"] == "step"] == list(range(4, 41, 4))
    with page_of(server) as page:
        begin(page, **settings, changes=[{"step": 8, "settings": {"optimiser": ADAM}}])
        assert told_until(page, "end")[-1]["parameters"]["id"] == changed[-1]["parameters"]["id"]
        assert changed[-1]["parameters"]["id"] != plain[-1]["parameters"]["id"]
