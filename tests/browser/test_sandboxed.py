"""The page in a frame with ``sandbox="allow-scripts"`` on another host, which leaves it without an origin."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Frame, Page, expect

from tests.browser.support import photograph, upload
from tests.browser.watch import Watch
from tests.sandbox import framing, other_host
from tests.serving import Server, running_server

ROOT = Path(__file__).resolve().parents[2]
LINK = "#v1&op=max_pooling&kernel=2&source=sample:cross&step=3"
WORDPRESS = "#?secret=a1B2c3D4e5"
TOKEN = "a-token-for-the-class"
NUL = "\0"


@pytest.fixture
def hosts() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def framed(page: Page, watch: Watch, hosts: ExitStack, address: str) -> Frame:
    """The frame within a page of another host."""
    outside = hosts.enter_context(other_host(framing(address)))
    watch.allow(f"foreign host: {re.escape(outside)}")
    page.goto(outside)
    element = page.wait_for_selector("iframe")
    assert element is not None
    frame = element.content_frame()
    assert frame is not None
    return frame


def ready(frame: Frame) -> None:
    frame.wait_for_selector("html[data-ready=true]", state="attached")


def test_the_frame_shows_plays_and_computes(
    page: Page, watch: Watch, hosts: ExitStack, server_url: str
) -> None:
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    posts: list[str] = []
    page.on("request", lambda one: posts.append(urlsplit(one.url).path) if one.method == "POST" else None)
    frame = framed(page, watch, hosts, f"{server_url}/embed{LINK}")
    ready(frame)
    assert frame.evaluate("() => origin") == "null"
    assert sockets, "the steps come over the socket"
    assert "/api/v1/frames" not in posts
    expect(frame.locator("#transport")).to_contain_text("step 4 of")
    number = frame.locator(".result b").inner_text()
    frame.get_by_role("button", name="One step forward").click()
    expect(frame.locator("#transport")).to_contain_text("step 5 of")
    frame.get_by_role("button", name="Play").click()
    expect(frame.locator("#transport")).not_to_contain_text("step 5 of")
    frame.get_by_role("button", name="Pause").click()
    assert number
    # Style sheets and what comes later are read from another origin, too.
    assert frame.evaluate("() => getComputedStyle(document.querySelector('#bar')).flexWrap") == "nowrap"
    frame.get_by_role("button", name="Settings").click()
    frame.locator("[data-parameter=kernel] input.number").first.fill("3")
    expect(frame.locator(".shapes")).to_contain_text("3×3")
    assert frame.evaluate("() => { try { return localStorage } catch { return 'throws' } }") == "throws"


def test_it_shows_what_wordpress_makes_of_its_address(
    page: Page, watch: Watch, hosts: ExitStack, server_url: str
) -> None:
    frame = framed(page, watch, hosts, f"{server_url}/embed{LINK}{WORDPRESS}")
    ready(frame)
    expect(frame.locator("#transport")).to_contain_text("step 4 of")
    expect(frame.locator("#banner")).not_to_be_visible()
    link = frame.get_by_role("link", name="Open in Convscope")
    expect(link).to_have_attribute("href", f"./{LINK}")


def test_requests_carry_the_key_as_well_as_sockets(
    page: Page, watch: Watch, hosts: ExitStack, server_url: str
) -> None:
    page.add_init_script("delete globalThis.WebSocket;")
    frame = framed(page, watch, hosts, f"{server_url}/embed{LINK}")
    ready(frame)
    frame.get_by_role("button", name="Settings").click()
    upload(frame, "photo.png", photograph(24))  # type: ignore[arg-type]
    expect(frame.locator(".shapes")).to_contain_text("3×24×24")
    frame.get_by_text("more pictures, typed values, scale").click()
    with page.expect_response(lambda answer: answer.request.method == "DELETE") as deleted:
        frame.get_by_role("button", name="Delete upload").click()
    assert deleted.value.status == 204
    expect(frame.locator(".shapes")).not_to_contain_text("3×24×24")


def test_without_its_key_the_origin_null_gets_nothing(
    page: Page, watch: Watch, hosts: ExitStack, server_url: str
) -> None:
    """Another page in a sandbox can neither ask nor read the document that holds the key."""
    watch.allow(
        "blocked by CORS policy|Failed to load|ERR_FAILED|WebSocket|socket ws|status 403|foreign host"
    )
    frame = framed(page, watch, hosts, "data:text/html,<!doctype html><title>Not ours</title>")
    status = frame.evaluate(
        """async (home) => {
          const tried = async (path, request) => {
            try { return (await fetch(home + path, request)).status } catch { return "refused" }
          };
          const socket = new WebSocket(home.replace("http", "ws") + "/api/v1/stream", ["convscope.v1"]);
          const opened = new Promise((done) => {
            socket.onopen = () => done("open");
            socket.onerror = () => done("refused");
          });
          const headers = { "Content-Type": "application/json" };
          return [
            origin,
            await tried("/embed"),
            await tried("/"),
            await tried("/api/v1/samples"),
            await tried("/api/v1/plan", { method: "POST", headers, body: "{}" }),
            await tried("/api/v1/plan", { method: "POST", headers: { ...headers, "Frame-Key": "1.0" }, body: "{}" }),
            await opened,
          ];
        }""",
        server_url,
    )
    assert status == ["null", *["refused"] * 6]


@pytest.fixture(scope="module")
def class_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that asks for a token."""
    folder = tmp_path_factory.mktemp("class")
    environment = {
        **os.environ,
        "CONVSCOPE_UPLOADS": str(folder / "uploads"),
        "CONVSCOPE_TOKEN": TOKEN,
    }
    command = [sys.executable, "-m", "app", "serve", "--port", "0"]
    with running_server(command, cwd=ROOT, log=folder / "server.log", env=environment) as started:
        yield started


def test_a_class_server_asks_for_its_token_in_the_frame(
    page: Page, watch: Watch, hosts: ExitStack, class_server: Server
) -> None:
    watch.allow("foreign host|status 401|401 \\(Unauthorized\\)|WebSocket|socket ws")
    frame = framed(page, watch, hosts, f"{class_server.url}/embed{LINK}")
    field = frame.get_by_label("Token", exact=True)
    field.fill(TOKEN)
    field.press("Enter")
    ready(frame)
    expect(frame.locator("#transport")).to_contain_text("step 4 of")


def of_yesterday(page: Page, server: Server, when: str) -> list[str]:
    """The frame's document comes with a key of yesterday ``when`` this holds; the addresses that it is loaded from."""
    server.fetch("/embed")  # which makes the secret
    secret = (server.log.parent / "uploads" / ".secret").read_bytes()
    end = int(time.time()) - 60
    key = f"{end}.{hmac.digest(secret, f'frame{NUL}{end}'.encode(), hashlib.sha256)[:16].hex()}"
    page.add_init_script(
        f"""document.addEventListener("readystatechange", () => {{
          const {{ dataset }} = document.documentElement;
          const [{{ type }}] = performance.getEntriesByType("navigation");
          if (dataset.key && {when}) dataset.key = "{key}";
        }});"""
    )
    loaded: list[str] = []
    page.on(
        "request",
        lambda one: loaded.append(one.url) if one.is_navigation_request() and "/embed" in one.url else None,
    )
    return loaded


def until_loaded_again(page: Page, loaded: list[str]) -> None:
    """Waits for the second document: the first shows its grid, and for a moment the refusal, before it goes."""
    for _ in range(1_000):
        if len(loaded) > 1:
            return
        page.wait_for_timeout(20)


def test_a_frame_whose_day_is_over_is_loaded_again_with_what_it_shows(
    page: Page, watch: Watch, hosts: ExitStack, server: Server
) -> None:
    watch.allow("status 403|403 \\(Forbidden\\)|WebSocket|socket ws")
    loaded = of_yesterday(page, server, "type !== 'reload'")
    frame = framed(page, watch, hosts, f"{server.url}/embed{LINK}&lock=kernel")
    until_loaded_again(page, loaded)
    ready(frame)
    assert len(loaded) == 2, "it was loaded once more"
    expect(frame.locator("#transport")).to_contain_text("step 4 of")
    frame.get_by_role("button", name="Settings").click()
    expect(frame.locator("[data-parameter=kernel] input").first).to_be_disabled()


def test_a_frame_that_stays_refused_says_so_and_is_not_loaded_again_and_again(
    page: Page, watch: Watch, hosts: ExitStack, server: Server
) -> None:
    watch.allow("status 403|403 \\(Forbidden\\)|WebSocket|socket ws")
    loaded = of_yesterday(page, server, "true")
    frame = framed(page, watch, hosts, f"{server.url}/embed{LINK}")
    until_loaded_again(page, loaded)
    expect(frame.locator("#banner")).to_contain_text("Reload it.")
    assert len(loaded) == 2
