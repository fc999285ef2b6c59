"""A hundredth of the ten thousand hostile requests of ``benchmarks.hostile``, against a server with short deadlines."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from benchmarks.attacks import ATTACKS, SLOW
from benchmarks.hostile import Outcome, attacks, crawl, fire

from ...serving import running_server
from .test_stream import (
    Page,
    collect,
    open_socket,
    start,
)

ROOT = Path(__file__).parents[3]
SHARE = 0.01
PATIENCE_S = 60
PIPES = 4  # to two processes that decode, and back; they stay for the next picture


@pytest.mark.slow
def test_hostile_requests_cost_the_server_nothing_but_time(tmp_path: Path) -> None:
    """No defect, no hang, nothing left open, nothing in the log, and the next page is served as ever."""
    environment = {
        **os.environ,
        "CONVSCOPE_UPLOADS": str(tmp_path / "uploads"),
        "CONVSCOPE_HEAD_S": "1",
        "CONVSCOPE_BODY_S": "1",
    }
    command = [sys.executable, "-m", "app", "serve", "--port", "0"]
    with running_server(command, cwd=ROOT, log=tmp_path / "log", env=environment) as server:
        address = urlsplit(server.url)
        assert address.hostname is not None
        assert address.port is not None
        files = len(os.listdir(f"/proc/{server.process.pid}/fd"))
        outcome = Outcome()
        fire((address.hostname, address.port), SHARE, 7, outcome)
        quick = {kind: SLOW[kind] for kind in SLOW if kind != "slow frames"}  # those wait for two pings
        crawl((address.hostname, address.port), 2, outcome, quick)
        assert outcome.count == sum(1 for _ in attacks(SHARE, 7)) + 2 * len(quick)
        assert {kind for kind, _ in outcome.statuses} == {*ATTACKS, *quick}
        assert outcome.defects() == {}
        assert outcome.hung == []
        until = time.monotonic() + PATIENCE_S  # a connection has a few seconds for its last bytes
        while (found := len(os.listdir(f"/proc/{server.process.pid}/fd"))) > files + 1 + PIPES:
            assert time.monotonic() < until, found
            time.sleep(0.05)
        started = [f"Convscope is at {server.url}", "It is open to everyone who reaches it."]
        assert server.printed().splitlines() == started, "nothing that came is worth a line"
        with open_socket(server) as connection:
            page = Page(connection)
            page.send(start(1))
            assert collect(page).shape == (2, 38 * 38)
