"""The places for connections: shares by address, who gives way, and the ones that are kept for probes."""

from __future__ import annotations

import contextlib
import select
import socket
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import Busy, TooMany
from app.settings import Settings
from app.web.http.clients import plain
from app.web.http.connections import Connections
from app.web.http.wire import Bounds
from app.web.server.shares import SHARE, fits

from ...serving import Server
from .test_wire import (
    HEAD,
    all_of,
    connected,
    problem_in,
    serving,
)


class Fake:
    """A connection that notes whether it had to go."""

    def __init__(self) -> None:
        self.gone = False

    def give_way(self) -> None:
        self.gone = True


# ------------------------------------------------------------------------------------- shares


@given(st.integers(1, 5_000), st.integers(1, 30))
def test_an_address_alone_has_most_and_each_that_comes_later_something(room: int, addresses: int) -> None:
    held: Counter[int] = Counter()
    for address in range(addresses):
        while fits(held[address], held.total(), room):
            held[address] += 1
        if address == 0:
            assert held[0] <= SHARE / (SHARE + 1) * room + 1
            assert held[0] >= SHARE / (SHARE + 1) * room - 1
            assert room < 4 or held[0] < room
        if held.total() < room:
            assert fits(0, held.total(), room), "who comes new finds a place"
    assert held.total() <= room


def test_two_addresses_cannot_fill_all_sockets() -> None:
    room = Settings().connections
    held: Counter[str] = Counter()
    while any(fits(held[one], held.total(), room) for one in "ab"):
        for one in "ab":
            held[one] += fits(held[one], held.total(), room)
    assert held.total() < 0.9 * room
    assert min(held.values()) > 0.4 * room


# ------------------------------------------------------------------------------------- who gives way


def test_the_oldest_without_a_whole_head_gives_way_its_own_first() -> None:
    places = Connections(room=8, reserve=2)
    laptop = [Fake() for _ in range(6)]
    assert [places.opened(one, "10.0.0.1") for one in laptop] == [None] * 6
    other = Fake()
    assert places.opened(other, "10.0.0.2") is None
    seventh = Fake()
    assert places.opened(seventh, "10.0.0.1") is None
    assert [one.gone for one in (*laptop, other, seventh)] == [True, *[False] * 7], "it is over its share"
    third = [Fake() for _ in range(2)]
    assert [places.opened(one, f"10.0.1.{number}") for number, one in enumerate(third)] == [None] * 2
    assert [one.gone for one in laptop] == [True, True, *[False] * 4], (
        "all places are taken: the oldest of all"
    )
    assert len(places) == 8


def test_who_is_being_answered_gives_way_to_nobody() -> None:
    places = Connections(room=4, reserve=1)
    busy = [Fake() for _ in range(4)]
    for number, one in enumerate(busy):
        assert places.opened(one, f"10.0.0.{number}") is None
        places.works(one)
    late = Fake()
    assert isinstance(places.opened(late, "10.0.0.9"), Busy)
    kept = late.gone
    assert not kept, "it is told so, in a place of the reserve"
    assert places.opened(Fake(), "10.0.0.8") is None, "which gives way to the next"
    assert late.gone
    assert not any(one.gone for one in busy)
    places.waits(busy[2])
    assert places.opened(Fake(), "10.0.0.7") is None


def test_an_address_whose_connections_all_work_is_refused_beyond_its_share() -> None:
    places = Connections(room=8, reserve=2)
    for _ in range(6):
        places.opened(one := Fake(), "10.0.0.1")
        places.works(one)
    assert isinstance(places.opened(Fake(), "10.0.0.1"), TooMany)
    assert places.opened(Fake(), "10.0.0.2") is None


def test_a_proxy_has_no_share_and_a_household_has_one() -> None:
    places = Connections(room=8, reserve=2, proxies=("10.0.0.0/8", "fd00::/8"))
    for host in ["10.0.0.1"] * 4 + ["fd00::1"] * 4:
        places.opened(one := Fake(), host)
        places.works(one)
    assert len(places) == 8
    places = Connections(room=8, reserve=2)
    for number in range(6):
        places.opened(one := Fake(), f"2001:db8::{number}")
        places.works(one)
    assert isinstance(places.opened(Fake(), "2001:db8::99"), TooMany)


@given(
    st.integers(1, 9),
    st.integers(1, 3),
    st.lists(st.tuples(st.sampled_from("owwwc"), st.integers(0, 3), st.integers(0, 30)), max_size=120),
)
def test_whatever_comes_and_goes_is_counted_right(
    room: int, reserve: int, events: list[tuple[str, int, int]]
) -> None:
    places = Connections(room, reserve)
    open_ones: list[tuple[Fake, str]] = []
    for kind, address, which in events:
        if kind == "o":
            open_ones.append((made := Fake(), host := f"10.0.0.{address}"))
            waiting = any(True for _ in places._waiting)
            full = len(places) >= room
            refusal = places.opened(made, host)
            if full and waiting and places.held(host) <= 1:
                assert refusal is None, "who has nothing else finds a place while anybody only waits"
        elif open_ones:
            one, _ = open_ones[which % len(open_ones)]
            if kind == "w":
                (places.works if which % 2 else places.waits)(one)
            else:
                places.closed(one)
                one.gone = True
        open_ones = [(one, host) for one, host in open_ones if not one.gone]
        assert len(places) == len(open_ones) <= room + reserve
        for host in {host for _, host in open_ones}:
            assert places.held(host) == sum(host == other for _, other in open_ones)
        assert set(places._waiting) == {one for mine in places._waiting_of.values() for one in mine}
    for one, _ in open_ones:
        places.closed(one)
    assert (len(places), places._held, places._waiting, places._waiting_of) == (0, Counter(), {}, {})


# ------------------------------------------------------------------------------------- on a real server


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with places for twenty connections and four beside them."""
    folder = tmp_path_factory.mktemp("narrow")
    with serving(folder, CONVSCOPE_CONNECTIONS="5", CONVSCOPE_HEAD_S="60", CONVSCOPE_BODY_S="60") as server:
        yield server


def asked(server: Server, source: str, path: str = "/") -> bytes:
    """The whole answer to one request from an address."""
    with connected(server, source) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        return all_of(connection)


def ended(connection: socket.socket) -> bool:
    """Whether the server has ended a connection."""
    if not select.select([connection], [], [], 0)[0]:
        return False
    with contextlib.suppress(ConnectionResetError):
        return connection.recv(1) == b""
    return True


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nHost: localhost\r\nx: "])
def test_half_open_connections_of_one_laptop_keep_nobody_out(narrow: Server, begun: bytes) -> None:
    with contextlib.ExitStack() as stack:
        half = []
        for _ in range(100):
            half.append(stack.enter_context(connected(narrow, "127.0.0.2")))
            half[-1].sendall(begun)
        for source in ("127.0.0.1", "127.0.0.2", "127.0.0.3"):
            assert asked(narrow, source).startswith(b"HTTP/1.1 200"), source
        assert ended(half[0])
        assert not ended(half[-1]), "those that came last may still ask"


def body_under_way(server: Server, source: str) -> socket.socket:
    """A connection whose request is being read: the server has said that it waits for the body."""
    connection = connected(server, source)
    connection.sendall(HEAD + b"Content-Length: 100\r\nExpect: 100-continue\r\n\r\n")
    assert connection.recv(65536).startswith(b"HTTP/1.1 ")
    return connection


def test_a_probe_is_answered_while_every_place_is_taken(narrow: Server) -> None:
    """By requests that are under way, each of another address: what does not fit is told so."""
    with contextlib.ExitStack() as stack:
        for number in range(20):
            stack.enter_context(body_under_way(narrow, f"127.0.1.{number + 1}"))
        refused = asked(narrow, "127.0.0.1")
        assert problem_in(refused)["code"] == "busy"
        assert b"\r\nretry-after: 5\r\n" in refused.lower()
        for path in ("/healthz", "/readyz", "/metrics"):
            assert asked(narrow, "127.0.0.1", path).startswith(b"HTTP/1.1 200"), path


def test_one_address_cannot_take_every_place_with_requests_under_way(narrow: Server) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(30):
            stack.enter_context(body_under_way(narrow, "127.0.0.2"))
        assert problem_in(asked(narrow, "127.0.0.2"))["code"] == "too_many"
        assert asked(narrow, "127.0.0.3").startswith(b"HTTP/1.1 200")


def test_a_system_with_few_open_files_gets_fewer_connections() -> None:
    wanted = Bounds(connections=4_000)
    assert wanted.within(wanted.files) is wanted
    for files in (300, 1024, 4096):
        assert wanted.within(files).files <= max(files, 206)
        assert wanted.within(files).connections > 0


@pytest.mark.parametrize(
    ("host", "told_as"),
    [("::ffff:10.0.0.7", "10.0.0.7"), ("10.0.0.7", "10.0.0.7"), ("::1", "::1"), ("::ffff:x", "::ffff:x")],
)
def test_an_address_is_the_same_on_a_socket_of_both_kinds(host: str, told_as: str) -> None:
    assert plain(host) == told_as


def test_a_proxy_is_believed_on_a_socket_of_both_kinds(tmp_path: Path) -> None:
    """Its address has a form of IPv6 there, in which a network of IPv4 would not be recognised."""
    host = "::" if socket.has_dualstack_ipv6() else "127.0.0.1"
    with serving(
        tmp_path,
        "--host",
        host,
        CONVSCOPE_PROXIES="127.0.0.0/8",
        CONVSCOPE_CLIENT_BURST="3",
        CONVSCOPE_CLIENT_RATE="1",
    ) as both:
        port = int(both.url.rpartition(":")[2])
        for number in range(9):  # nine clients of the proxy, each within its part
            with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
                head = (
                    f"GET /api/v1/samples HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 10.0.0.{number}\r\n"
                )
                connection.sendall(head.encode() + b"Connection: close\r\n\r\n")
                assert all_of(connection).startswith(b"HTTP/1.1 200")
