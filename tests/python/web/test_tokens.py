"""The token of a class server: guessing it is dear, and links bring one that is over after a day."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient, WebSocketDenialResponse

from app.main import create_app
from app.settings import Settings
from app.web.server.admission import GUESSES, Admission
from app.web.server.buckets import MemoryBuckets
from app.web.server.tokens import DAY_S, OneDay, Tokens
from app.web.stream.protocol import SUBPROTOCOL

from .asking import assert_problem, run_body

TOKEN = "a-token-for-the-class"
MADE = "/api/v1/day-token"


def asking(folder: Path, **options: Any) -> TestClient:
    return client_of(create_app(Settings(uploads=folder, **options)), "10.0.0.1")


def asking_at_once(folder: Path, burst: int) -> TestClient:
    """A server for which no time passes: what an address has spent stays spent."""
    client = asking(folder, token=TOKEN, client_burst=burst)
    admission: Admission = client.app.state.services.admission  # type: ignore[attr-defined]
    admission.buckets = MemoryBuckets(1, burst, lambda: 0.0)
    return client


def client_of(app: Any, address: str, port: int = 80) -> TestClient:
    return TestClient(
        app, base_url=f"http://localhost:{port}", client=(address, 5000), raise_server_exceptions=False
    )


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with asking(tmp_path_factory.mktemp("up"), token=TOKEN) as made:
        yield made


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


# ------------------------------------------------------------------------------------- guessing


@pytest.mark.parametrize("path", ["/api/v1/samples", "/api/v1/nothing", "/metrics", "/readyz"])
def test_guesses_are_dear_and_a_right_one_is_not_told_from_them(tmp_path: Path, path: str) -> None:
    """After a few wrong tokens an address waits, whatever it sends; others do not."""
    guesser = asking_at_once(tmp_path, 100)
    other = client_of(guesser.app, "10.0.0.2")
    answers = [guesser.get(path, headers=bearer(f"guess-{n}")).status_code for n in range(3 * GUESSES)]
    assert answers.count(401) <= GUESSES
    assert set(answers[GUESSES:]) == {429}
    assert guesser.get(path, headers=bearer(TOKEN)).status_code == 429
    assert other.get(path, headers=bearer(TOKEN)).status_code in (200, 404)


def test_guesses_by_sockets_are_as_dear(tmp_path: Path) -> None:
    with asking_at_once(tmp_path, 100) as client:
        answers = []
        for number in range(2 * GUESSES):
            with (
                pytest.raises(WebSocketDenialResponse) as refused,
                client.websocket_connect("/api/v1/stream", [SUBPROTOCOL, f"bearer.guess-{number}"]),
            ):
                pass
            answers.append(refused.value.status_code)
        assert set(answers[GUESSES:]) == {429}


def test_a_wrong_token_is_logged_with_its_address_and_not_with_itself(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    client.get("/api/v1/samples")  # a page that has not asked for it yet guesses nothing
    assert caplog.records == []
    client.get("/api/v1/samples", headers=bearer("a-wrong-one"))
    assert "10.0.0.1" in caplog.text
    assert "a-wrong-one" not in caplog.text


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("POST", "/api/v1/run", {"Origin": "null"}, 403),
        ("GET", "/", {"Host": "evil.example"}, 421),
        ("GET", "/healthz", {"Host": "evil.example"}, 421),
        ("GET", "/static/x.js", {"Host": "evil.example"}, 421),
        ("GET", "/?" + "x" * 9_000, {}, 414),
        ("GET", "/healthz%0A", {}, 400),
        ("GET", "/api/v1/samples", {}, 401),
    ],
)
def test_every_refusal_is_paid_for(
    tmp_path: Path, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    with asking_at_once(tmp_path, 10) as client:
        answers = [client.request(method, path, headers=headers).status_code for _ in range(15)]
    assert set(answers[:10]) == {status}
    assert answers[-1] == 429


# ------------------------------------------------------------------------------------- one day


def test_a_token_of_one_day_opens_everything_but_another_day(client: TestClient) -> None:
    assert_problem(client.post(MADE), 401, "token")
    answer = client.post(MADE, headers=bearer(TOKEN))
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert body["expires_s"] == DAY_S
    day = bearer(body["token"])
    assert client.post("/api/v1/run", json=run_body(), headers=day).status_code == 200
    assert_problem(client.post(MADE, headers=day), 403, "forbidden")
    assert TOKEN not in body["token"]
    with client.websocket_connect("/api/v1/stream", [SUBPROTOCOL, f"bearer.{body['token']}"]) as socket:
        assert socket.accepted_subprotocol == SUBPROTOCOL


def test_a_server_that_asks_for_no_token_makes_none(tmp_path: Path) -> None:
    with asking(tmp_path) as client:
        assert_problem(client.post(MADE), 404, "not_found", "token")


def test_a_day_that_is_over_is_told_so_and_is_no_guess(tmp_path: Path) -> None:
    old, _ = Tokens(TOKEN).of_one_day(now_s=1_000_000)
    with asking_at_once(tmp_path, 100) as client:
        answers = [client.get("/api/v1/samples", headers=bearer(old)) for _ in range(2 * GUESSES)]
        assert "one day" in assert_problem(answers[-1], 401, "token")["reason"]


def test_every_server_of_a_token_takes_its_days_and_no_other_does() -> None:
    now = 1_800_000_000
    day, end = Tokens(TOKEN).of_one_day(now)
    assert end == now + DAY_S
    assert Tokens(TOKEN).takes(day, end - 1)
    with pytest.raises(OneDay):
        Tokens(TOKEN).takes(day, end)
    assert not Tokens(TOKEN + "x").takes(day, now)


DAY, END = Tokens(TOKEN).of_one_day(1_800_000_000)
TOKENS = Tokens(TOKEN)


@given(st.one_of(st.text(max_size=60), st.integers(0, 10**12).map(lambda end: f"day.{end}.{DAY[-22:]}")))
def test_nothing_but_a_token_or_its_day_opens(text: str) -> None:
    if text not in (TOKEN, DAY):
        assert not TOKENS.takes(text, 0)


@pytest.mark.parametrize("place", range(len(DAY)))
def test_a_day_with_one_other_character_opens_nothing(place: int) -> None:
    other = "B" if DAY[place] != "B" else "C"
    assert not TOKENS.takes(DAY[:place] + other + DAY[place + 1 :], 0)


# ------------------------------------------------------------------------------------- the inside


def test_metrics_and_readiness_are_behind_the_token(client: TestClient) -> None:
    for path in ("/metrics", "/readyz"):
        assert_problem(client.get(path), 401, "token")
        assert client.get(path, headers=bearer(TOKEN)).status_code == 200
    assert client.get("/healthz").status_code == 200


def test_metrics_and_readiness_have_a_port_of_their_own(tmp_path: Path) -> None:
    app = create_app(Settings(uploads=tmp_path, token=TOKEN, inside_port=9100))
    outside, inside = client_of(app, "10.0.0.1"), client_of(app, "10.0.0.1", 9100)
    for path in ("/metrics", "/readyz"):
        assert_problem(outside.get(path, headers=bearer(TOKEN)), 404, "not_found")
        assert inside.get(path).status_code == 200
    assert inside.get("/healthz").status_code == outside.get("/healthz").status_code == 200
    for path in ("/", "/handbook", "/api", "/api/v1/samples", "/static/x"):
        assert_problem(inside.get(path, headers=bearer(TOKEN)), 404, "not_found")


def test_what_is_for_the_inside_has_one_spelling(tmp_path: Path) -> None:
    with asking(tmp_path) as client:
        assert client.get("/metrics").status_code == 200
        for path in ("/%6detrics", "/metric%73", "/r%65adyz"):
            assert_problem(client.get(path), 404, "not_found")


@pytest.mark.parametrize(
    "path", ["/metrics", "/readyz", "/healthz", "/api/v1/samples", "/", "/static/0/a.js"]
)
@pytest.mark.parametrize("end", ["%0A", "%0D", "%00", "%09", "%1B", "%7F", "%C2%85", "%E2%80%A8"])
def test_an_address_with_a_control_character_is_refused(client: TestClient, path: str, end: str) -> None:
    """``$`` of a regular expression matches before a line's end, so the address would be another to a proxy's rule."""
    body = assert_problem(client.get(path + end), 400, "bad_address", "path")
    assert body["value"].isprintable()
