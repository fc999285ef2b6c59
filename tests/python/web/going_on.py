"""Clients of a fleet that go on from a checkpoint whenever their connection breaks: a page, and a program."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPException
from typing import Any

import numpy as np
from websockets.exceptions import ConnectionClosed, WebSocketException

from app.data.bundle import Bundle, safetensors_bytes
from app.web.http.training import EXAMPLE_FORECAST, EXAMPLE_TRAIN
from app.web.stream import protocol

from ...fleet import Fleet
from .test_stream import Page, open_socket

Json = dict[str, Any]
PATIENCE_S = 60


class Learning:
    """A page that trains: whenever its socket breaks, it goes on from the last checkpoint that it has, on a new one."""

    def __init__(self, fleet: Fleet, seed: int, steps: int = 60) -> None:
        self.fleet, self.seed, self.steps = fleet, seed, steps
        self.reports: dict[int, Json] = {}
        self.checkpoint: str | None = None
        self.rows: Bundle | None = None
        self.begun: list[int] = []  # the training step of each begin
        self.breaks: list[str] = []
        self.hidden = False  # it grants nothing
        self.silent = False  # whether nothing came while it was hidden
        self.page: Page

    def follow(self, between: Callable[[], object] = lambda: None) -> Json:
        """Train to the end; ``between`` is called once, after the first checkpoint."""
        until = time.monotonic() + PATIENCE_S
        self._between = between
        while time.monotonic() < until:
            try:
                with open_socket(self.fleet.proxy) as connection:
                    self.page = Page(connection)
                    end = self._attempt(self.page)
                    if end is not None:
                        return end
            except ConnectionClosed:
                self.breaks.append("lost")
                if self.rows is not None:
                    self.checkpoint = self._kept(safetensors_bytes(self.rows), until)
            except (WebSocketException, OSError):
                pass
            time.sleep(0.1)
        raise AssertionError("no replica served the page")

    def _kept(self, rows: bytes, until: float) -> str:
        """The id of a checkpoint that a server keeps, as soon as one has room for it."""
        while True:
            status, answer = self.fleet.proxy.answer("/api/v1/bundles", rows)
            if status < 300:
                found: str = json.loads(answer)["id"]
                return found
            assert status in (502, 503), answer
            assert time.monotonic() < until
            time.sleep(0.1)

    def lose(self) -> None:
        """The network between this page and the proxy breaks: neither side says anything."""
        self.page.connection.socket.shutdown(socket.SHUT_RDWR)

    def grant(self, n: int = 1) -> None:
        """Allow more reports and frames, as a page does that is on view."""
        if not self.hidden:
            self.page.send({"type": "credit", "job": 1, "n": n})

    def _attempt(self, page: Page) -> Json | None:
        asked = {**EXAMPLE_TRAIN, "steps": self.steps, "report": 4, "checkpoints": 20, "seed": self.seed}
        page.send(
            {"type": "train", "job": 1, "credits": 0 if self.hidden else 8, **asked}
            | ({"checkpoint": self.checkpoint} if self.checkpoint else {})
        )
        about: Json = {}
        while True:
            message = page.receive()
            if isinstance(message, bytes):
                self.grant()
                header = protocol.Header.unpack(message)
                planes = np.frombuffer(message, "<f4", offset=protocol.HEADER.size).reshape(-1, header.count)
                state = {"step": about["step"], "updates": about["updates"], "kind": "adam"}
                self.rows = Bundle(
                    dict(zip(about["rows"], planes, strict=True)), {"checkpoint": json.dumps(state)}
                )
                between, self._between = self._between, lambda: None
                between()
            elif message["type"] == "step":
                self.grant()
                del message["job"]
                known = self.reports.setdefault(message["step"], message)
                assert known == message, "what comes again is the same"
            elif message["type"] == "checkpoint":
                about = message
            elif message["type"] == "moved":
                self.breaks.append("moved")
                self.checkpoint = message["checkpoint"]["id"]
                return None
            elif message["type"] == "error":
                assert message["problem"]["retry_after_s"] > 0, message
                self.breaks.append(message["problem"]["code"])
                return None
            elif message["type"] == "end":
                return message
            else:
                assert message["type"] == "begin", message
                self.begun.append(message["step"])
                self.on_begin()

    def on_begin(self) -> None:
        """Nothing: a test puts here what is to happen to a page whose experiment has begun, or goes on."""


def assert_as_undisturbed(page: Learning, end: Json) -> None:
    """It did break, it went on from a checkpoint, and each of its numbers is one that it would have had."""
    assert page.breaks, "it did break"
    assert page.begun[0] == 0
    assert page.begun[-1] >= 20, "from a checkpoint, not from the start"
    undisturbed = Learning(page.fleet, page.seed, page.steps)
    assert undisturbed.follow()["parameters"]["id"] == end["parameters"]["id"]
    assert not undisturbed.breaks
    assert list(page.reports.items()) == list(undisturbed.reports.items()), "every report, losses included"


class Forecasting:
    """A program that has a series forecast: when its answer breaks off it asks again from the last checkpoint told."""

    def __init__(self, fleet: Fleet, seed: int) -> None:
        self.fleet, self.seed = fleet, seed
        self.lines: list[Json] = []
        self.broke = False

    def follow(self, between: Callable[[], object] = lambda: None) -> Json:
        """Forecast to the end; ``between`` is called once, after the first checkpoint."""
        checkpoint: Json | None = None
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            asked = {**EXAMPLE_FORECAST, "steps": 4000, "report": 100, "checkpoints": 200, "seed": self.seed}
            if checkpoint is not None:
                asked["checkpoint"] = checkpoint["checkpoint"]["id"]
                self.lines = self.lines[: self.lines.index(checkpoint) + 1]
            try:
                for line in self._lines(asked):
                    if line["type"] != "series" or not self.lines:
                        self.lines.append(line)
                    if line["type"] == "forecast":
                        return line
                    if line["type"] == "checkpoint":
                        checkpoint = line
                        between()
                        between = lambda: None  # noqa: E731
            except (OSError, HTTPException, ValueError):  # a line that breaks off is no JSON
                pass
            self.broke = self.broke or bool(self.lines)
            time.sleep(0.1)
        raise AssertionError("no replica served the forecast")

    def _lines(self, body: Json) -> Iterator[Json]:
        connection = HTTPConnection("127.0.0.1", self.fleet.nginx.port, timeout=PATIENCE_S)
        try:
            headers = {"Content-Type": "application/json", "Accept": "application/x-ndjson"}
            connection.request("POST", "/api/v1/forecast", json.dumps(body), headers)
            answer = connection.getresponse()
            if answer.status != 200:
                raise OSError(answer.status)
            while line := answer.readline():
                yield json.loads(line)
        finally:
            connection.close()

    def messages(self) -> list[Json]:
        """Everything but what the clock says."""
        for line in self.lines:
            for name in ("parameters", "checkpoint"):
                line.get(name, {}).pop("expires", None)
            line.get("network", {}).pop("elapsed_ms", None)
        return self.lines
