"""nginx before three replicas and a Redis, all real and on loopback: what happens to one costs no client anything."""

from __future__ import annotations

import json
import signal
import socket
import threading
import time
from collections.abc import Iterator
from http.client import IncompleteRead
from typing import Any

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed, WebSocketException

from app.web.stream import protocol

from ...fleet import Fleet, running_fleet
from ...serving import Server
from .asking import png, run_body
from .going_on import PATIENCE_S, Forecasting, Learning, assert_as_undisturbed
from .test_stream import Page, open_socket, start

pytestmark = pytest.mark.long

Json = dict[str, Any]
CROSS: Json = {"kind": "sample", "name": "cross"}
PHOTO = png(np.arange(30 * 30 * 3, dtype=np.uint8).reshape(30, 30, 3))


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    with running_fleet(tmp_path_factory.mktemp("fleet")) as made:
        yield made


@pytest.fixture(autouse=True)
def whole(fleet: Fleet) -> Iterator[None]:
    """Each test leaves a fleet that is whole again."""
    yield
    if fleet.redis.process is None:
        fleet.redis.start()
    for number, replica in list(fleet.replicas.items()):
        if replica.process.poll() is not None:
            fleet.start(number)


def upload(fleet: Fleet) -> tuple[int, Json]:
    status, body = fleet.proxy.answer("/api/v1/images", PHOTO, {"Content-Type": "image/png"})
    return status, json.loads(body)


def run(fleet: Fleet, source: Json) -> Json:
    body = json.dumps(
        run_body(source=source, layers=[{"operation": "max_pooling", "kernel": 2}], weights=None)
    )
    headers = {"Content-Type": "application/json"}
    status, answer = fleet.proxy.answer("/api/v1/run", body.encode(), headers)
    found: Json = json.loads(answer)
    assert status == found.get("status", 200), "a refusal is in the one shape"
    return found


class Following:
    """A page that goes on: whenever its socket breaks it asks on a new one from the first step that is missing."""

    def __init__(self, fleet: Fleet, size: int) -> None:
        self.fleet = fleet
        self.steps = size * size
        self.size = size
        self.values = np.full(self.steps, np.nan, np.float32)
        self.next = 0
        self.codes: list[int] = []

    def follow(self, between: Any = lambda: None, *, credits: int = 1) -> None:
        """Take all steps; ``between`` is called once after the first frame."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            try:
                with (
                    socket.create_connection(("127.0.0.1", self.fleet.nginx.port), 10) as own,
                    open_socket(self.fleet.proxy, sock=own) as connection,
                ):
                    if self._attempt(Page(connection), between, credits):
                        return
                    between = lambda: None  # noqa: E731
            except ConnectionClosed as closed:
                between = lambda: None  # noqa: E731
                self.codes.append(closed.rcvd.code if closed.rcvd else 1006)
            except (WebSocketException, OSError):
                pass
            time.sleep(0.1)  # as a page waits: a replica that stops may still be the proxy's first choice
        raise AssertionError("no replica served the page")

    def _attempt(self, page: Page, between: Any, credits: int) -> bool:
        layer = {"operation": "max_pooling", "kernel": 1, "stride": 1}
        page.send(start(1, size=self.size, layers=[layer], lanes=[0], first=self.next, credits=credits))
        while True:
            message = page.receive()
            if isinstance(message, bytes):
                header = protocol.Header.unpack(message)
                assert header.first == self.next, "not a step is missing, and none comes twice"
                plane = np.frombuffer(message, "<f4", offset=protocol.HEADER.size).reshape(-1, header.count)[
                    0
                ]
                self.values[header.first : header.first + header.count] = plane
                self.next += header.count
                between()
                between = lambda: None  # noqa: E731
                page.send({"type": "credit", "job": 1, "n": 1})
            elif message["type"] == "end":
                return True
            else:
                assert message["type"] == "plan", message


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM])
def test_an_experiment_goes_on_elsewhere_with_the_numbers_it_would_have_had(
    fleet: Fleet, sign: signal.Signals
) -> None:
    page = Learning(fleet, 7)
    stopped: list[Server] = []

    def stop() -> None:
        replica = fleet.replicas[fleet.holder()]
        replica.process.send_signal(sign)
        stopped.append(replica)
        if sign is signal.SIGKILL:
            replica.process.wait(PATIENCE_S)

    assert_as_undisturbed(page, page.follow(stop))
    # One that still drains would seem to be alive to whoever makes the fleet whole again.
    assert [replica.process.wait(PATIENCE_S) in (0, -sign) for replica in stopped] == [True]


def test_an_experiment_whose_connection_is_lost_goes_on_with_the_numbers_it_would_have_had(
    fleet: Fleet,
) -> None:
    page = Learning(fleet, 8)
    assert_as_undisturbed(page, page.follow(page.lose))
    assert page.breaks == ["lost"]


def test_a_hidden_page_is_trained_for_no_further_and_goes_on_elsewhere_once_it_is_seen(fleet: Fleet) -> None:
    page = Learning(fleet, 9, steps=400)

    def hide() -> None:
        page.hidden = True
        fleet.replicas[fleet.holder()].kill()

    def see() -> None:
        if page.hidden:  # begun again, by a page that has granted nothing
            page.silent = page.page.quiet()
            page.hidden = False
            page.grant(8)

    page.on_begin = see  # type: ignore[method-assign]
    end = page.follow(hide)
    assert page.silent, "without a grant nothing is told"
    assert_as_undisturbed(page, end)
    assert page.breaks == ["lost"]
    assert page.begun[1] < 80, "what was granted before it was hidden is all that was trained"


BUSY = json.dumps(
    run_body(
        source={"kind": "noise", "shape": [3, 400, 400]},
        layers=[{"operation": "convolution", "kernel": 5, "filters": 4}],
        weights=None,
    )
).encode()


def test_an_experiment_that_meets_a_full_queue_waits_and_goes_on_from_its_checkpoint(fleet: Fleet) -> None:
    fleet.replicas[0].kill()
    small = {"CONVSCOPE_QUEUE": "1", "CONVSCOPE_THREADS": "1", "CONVSCOPE_CLIENT_RATE": "1000000"}
    crowded = fleet.start(0, **small, CONVSCOPE_CLIENT_BURST="1000000")
    page = Learning(fleet, 10, steps=120)
    stop, full = threading.Event(), threading.Event()

    def ask() -> None:
        while not stop.is_set():
            headers = {"Content-Type": "application/json", "Accept": "application/x-npy"}
            status, answer = crowded.answer("/api/v1/run", BUSY, headers)
            assert status in (200, 503), answer
            if status == 503 and json.loads(answer)["code"] == "busy":
                full.set()

    threads = [threading.Thread(target=ask) for _ in range(6)]

    def crowd() -> None:
        for thread in threads:
            thread.start()
        assert full.wait(PATIENCE_S), "others are turned away"
        page.lose()

    def again() -> None:
        """It found room, here or elsewhere: it comes again, until it is turned away once."""
        if full.is_set():
            if "busy" in page.breaks:
                stop.set()
            else:
                page.lose()

    page.on_begin = again  # type: ignore[method-assign]
    try:
        end = page.follow(crowd)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert "busy" in page.breaks
    page.on_begin = lambda: None  # type: ignore[method-assign]
    assert_as_undisturbed(page, end)
    crowded.kill()  # the next test has one with the usual settings


def test_a_forecast_whose_replica_is_killed_goes_on_with_the_numbers_it_would_have_had(fleet: Fleet) -> None:
    def kill() -> None:
        trained = fleet.trained()
        fleet.replicas[max(trained, key=lambda number: trained[number] - before[number])].kill()

    for seed in range(20):
        one, before = Forecasting(fleet, seed), fleet.trained()
        one.follow(kill)
        if one.broke:
            break  # it had not come to its end before the kill
    undisturbed = Forecasting(fleet, seed)
    undisturbed.follow()
    assert (one.broke, undisturbed.broke) == (True, False)
    assert one.messages() == undisturbed.messages()


def test_every_replica_serves_and_the_proxy_keeps_the_inside_inside(fleet: Fleet) -> None:
    source = {"kind": "image", "id": upload(fleet)[1]["id"]}
    answers = [run(fleet, source) for _ in range(9)]
    assert all(answer == answers[0] for answer in answers), "no replica lacks what another was given"
    until = time.monotonic() + PATIENCE_S
    while not all("/api/v1/run" in replica.printed() for replica in fleet.replicas.values()):
        assert time.monotonic() < until, "the load is spread"  # and logged when an answer has gone
        run(fleet, source)
    for path in ("/metrics", "/readyz"):
        assert fleet.proxy.answer(path)[0] == 404
    assert fleet.proxy.fetch("/")[2]["x-request-id"]


def test_sockets_are_spread_and_a_replica_that_is_killed_costs_a_stream_nothing(fleet: Fleet) -> None:
    with open_socket(fleet.proxy), open_socket(fleet.proxy), open_socket(fleet.proxy):
        until = time.monotonic() + PATIENCE_S
        while (found := sorted(fleet.serving().values())) != [1, 1, 1]:
            assert time.monotonic() < until, found
            time.sleep(0.05)
    page = Following(fleet, 500)
    page.follow(lambda: fleet.replicas[fleet.holder()].kill())  # noqa: PLW0108 - it is known only then
    whole = Following(fleet, 500)
    whole.follow()
    assert page.codes, "the stream did break"
    np.testing.assert_array_equal(page.values, whole.values)


def test_requests_go_on_while_replicas_are_killed_one_after_another(fleet: Fleet) -> None:
    wrong: list[object] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            try:
                wrong.extend(set(run(fleet, CROSS)) - {"output"})
            except IncompleteRead:
                pass  # killed between an answer's head and its body: whoever asked asks again
            except Exception as error:
                wrong.append(error)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for number in range(2):
            fleet.replicas[number].kill()
            fleet.start(number)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert wrong == []


def test_sigterm_under_load_moves_every_page_and_breaks_no_request(fleet: Fleet) -> None:
    pages = [Following(fleet, 300) for _ in range(6)]
    started = threading.Barrier(len(pages) + 1)
    errors: list[BaseException] = []

    def follow(page: Following) -> None:
        try:
            page.follow(lambda: started.wait(60))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=follow, args=(page,)) for page in pages]
    for thread in threads:
        thread.start()
    started.wait(60)
    fleet.replicas[0].process.send_signal(signal.SIGTERM)
    for _ in range(20):
        assert "output" in run(fleet, CROSS)
    for thread in threads:
        thread.join(120)
    assert errors == []
    assert all(page.next == page.steps for page in pages)
    assert fleet.replicas[0].process.wait(60) in (0, -signal.SIGTERM)
    assert "Traceback" not in fleet.replicas[0].printed()


def test_redis_stopped_is_told_as_such_and_a_redis_that_is_back_takes_uploads_again(fleet: Fleet) -> None:
    id = upload(fleet)[1]["id"]
    source = {"kind": "image", "id": id, "size": 7}
    before = run(fleet, source)
    fleet.redis.stop()
    assert "output" in run(fleet, CROSS), "who needs no upload notices nothing"
    answer = run(fleet, {"kind": "image", "id": id, "size": 9})
    assert (answer["code"], answer["status"]) == ("store_unreachable", 503)
    assert upload(fleet)[1]["code"] == "store_unreachable"
    for replica in fleet.replicas.values():
        assert replica.answer("/healthz")[0] == 200, "a store that is away restarts nobody"
        assert replica.answer("/readyz")[0] == 503
    fleet.redis.start()  # with nothing in it
    assert run(fleet, source)["code"] == "not_found"
    assert upload(fleet)[1]["id"] == id
    assert run(fleet, source) == before
    until = time.monotonic() + PATIENCE_S  # a replica tells for a second what its store last said
    for replica in fleet.replicas.values():
        while replica.answer("/readyz")[0] != 200:
            assert time.monotonic() < until, "it is ready again"
            time.sleep(0.05)
        assert "Traceback" not in replica.printed()
