"""Whose word on a client's address counts: proxies that are named, and of what they say only what they saw."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import anyio
import pytest
from starlette.types import Receive, Scope, Send

from app.web.http.clients import client_of
from app.web.http.forwarded import MOST_LOGGED, Forwarded


def asked(
    proxies: Sequence[str], peer: str, *headers: str, scheme: str | None = None, kind: str = "http"
) -> tuple[str, str]:
    """The client and the scheme that the application sees."""
    return ask(Forwarded(app, proxies), peer, *headers, scheme=scheme, kind=kind)


seen: list[tuple[str, str]] = []


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    from starlette.requests import HTTPConnection

    seen.append((client_of(HTTPConnection(scope)), scope["scheme"]))


def ask(
    forwarded: Forwarded, peer: str, *forwarded_for: str, scheme: str | None = None, kind: str = "http"
) -> tuple[str, str]:
    headers = [(b"x-forwarded-for", one.encode("latin-1")) for one in forwarded_for]
    if scheme is not None:
        headers.append((b"x-forwarded-proto", scheme.encode()))
    scope: dict[str, Any] = {
        "type": kind,
        "scheme": "http" if kind == "http" else "ws",
        "client": (peer, 5000),
        "headers": headers,
    }

    async def nothing(*_: object) -> Any:
        raise AssertionError("nothing is read or sent")

    async def run() -> None:
        await forwarded(scope, nothing, nothing)

    anyio.run(run)
    return seen.pop()


@pytest.mark.parametrize(
    ("proxies", "peer", "headers", "client"),
    [
        ((), "10.0.0.1", ("192.0.2.7",), "10.0.0.1"),
        (("10.0.0.1",), "10.0.0.2", ("192.0.2.7",), "10.0.0.2"),
        (("10.0.0.1",), "10.0.0.1", ("192.0.2.7",), "192.0.2.7"),
        (("10.0.0.1",), "::ffff:10.0.0.1", ("192.0.2.7",), "192.0.2.7"),
        (("10.0.0.1",), "10.0.0.1", ("198.51.100.1, 192.0.2.7",), "192.0.2.7"),
        (("10.0.0.1",), "10.0.0.1", ("198.51.100.1", "192.0.2.7"), "192.0.2.7"),
        (("10.0.0.0/8",), "10.0.0.1", ("198.51.100.1, 192.0.2.7, 10.0.0.3",), "192.0.2.7"),
        (("10.0.0.0/8",), "10.0.0.1", ("10.1.1.1, 10.9.9.9",), "10.9.9.9"),
        (("10.0.0.0/8",), "10.0.0.1", ("192.0.2.7:4711",), "192.0.2.7"),
        (("10.0.0.0/8",), "10.0.0.1", ("[2001:db8::1]:4711",), "2001:db8::/64"),
        (("10.0.0.0/8",), "10.0.0.1", ("2001:db8::1",), "2001:db8::/64"),
        (("10.0.0.0/8",), "10.0.0.1", ("unknown",), "10.0.0.1"),
        (("10.0.0.0/8",), "10.0.0.1", ("\x1b[31m",), "10.0.0.1"),
        (("10.0.0.0/8",), "10.0.0.1", ("192.0.2.7, x",), "10.0.0.1"),
        (("10.0.0.0/8",), "10.0.0.1", ("x, 10.0.0.2",), "10.0.0.2"),
        (("10.0.0.0/8",), "10.0.0.1", ("",), "10.0.0.1"),
        (("10.0.0.0/8",), "10.0.0.1", (), "10.0.0.1"),
        (("10.0.0.0/8",), "testclient", ("192.0.2.7",), "testclient"),
    ],
)
def test_a_client_chooses_no_address(
    proxies: tuple[str, ...], peer: str, headers: tuple[str, ...], client: str
) -> None:
    """Of what a proxy tells the last counts that is no proxy's own, and of proxies alone the last."""
    assert asked(proxies, peer, *headers)[0] == client


@pytest.mark.parametrize(
    ("kind", "header", "scheme"),
    [
        ("http", "https", "https"),
        ("http", "ftp", "http"),
        ("http", None, "http"),
        ("websocket", "https", "wss"),
        ("websocket", "wss", "wss"),
    ],
)
def test_a_proxy_says_how_it_was_asked(kind: str, header: str | None, scheme: str) -> None:
    assert asked(("10.0.0.1",), "10.0.0.1", scheme=header, kind=kind)[1] == scheme
    assert asked((), "10.0.0.1", scheme=header, kind=kind)[1] == ("http" if kind == "http" else "ws")


def test_whoever_of_a_trusted_network_speaks_for_others_is_told_of_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    forwarded = Forwarded(app, ("10.0.0.0/8", "192.168.0.1"))
    for _ in range(3):
        assert ask(forwarded, "10.0.0.9", "192.0.2.7")[0] == "192.0.2.7"
    ask(forwarded, "10.0.0.8")  # which says nothing of others
    ask(forwarded, "192.168.0.1", "192.0.2.7")  # which is named
    assert [record.getMessage().split()[0] for record in caplog.records] == ["10.0.0.9"]
    for number in range(2 * MOST_LOGGED):
        ask(forwarded, f"10.1.{number // 200}.{number % 200}", "192.0.2.7")
    assert len(caplog.records) == MOST_LOGGED
