"""A server and the system's Chromium for the browser tests, and a page that fails the test when it complains.

``page``     a page that has not been opened yet; ``@pytest.mark.context(viewport=…)`` sets its context's options
``newcomer`` (a mark) somebody who has never been here, and meets the introduction
``watch``    what went wrong on it; ``watch.allow(pattern)`` expects a problem that the test provokes
``axe``      a function that returns the accessibility violations of a page, as text
``server``   the running server; ``server_url`` is its address
``page_form`` the form in which every server of these tests serves the page: "built", or without esbuild "written"
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from app.web.assets.built import is_current
from tests.browser.axe import AXE, accessibility_violations
from tests.browser.support import DEADLINE_MS
from tests.browser.watch import Watch
from tests.building import can_build, needs_built_page
from tests.services import lacking
from tests.serving import Server, running_server

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Most tests are those of a person who comes back: the introduction is for who is new.
MET = """try { localStorage.setItem("convscope.met" + new URL(".", location.href).pathname.slice(0, -1), "true"); }
catch {}"""
expect.set_options(timeout=DEADLINE_MS)

# The browser asks nobody but the server under test: no updates, no start-up traffic, no name of another host.
FLAGS = (
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder runs in the browser, and last.

    Once Playwright has started, its event loop lives in this thread, where no other test could run one.
    """
    mine = [item for item in items if HERE in item.path.parents]
    for item in mine:
        item.add_marker(pytest.mark.browser)
    items[:] = [item for item in items if HERE not in item.path.parents] + mine


def find_chromium() -> str | None:
    """The Chromium to test with: the one that CONVSCOPE_CHROMIUM names, or the first that starts."""
    named = os.environ.get("CONVSCOPE_CHROMIUM")
    for name in (named,) if named else NAMES:
        path = shutil.which(name)
        if path and subprocess.run([path, "--version"], capture_output=True).returncode == 0:
            return path
    return None


@pytest.fixture(scope="session", autouse=True)
def page_form() -> Iterator[str]:
    """Servers get it from the environment that they inherit. On CI it is the form that is shipped."""
    found = "built" if is_current(ROOT) or can_build() or os.environ.get("CI") == "true" else "written"
    if found == "built":
        needs_built_page()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONVSCOPE_PAGE", found)
        yield found


@pytest.fixture(scope="session")
def server(page_form: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    environment = {**os.environ, "CONVSCOPE_UPLOADS": str(folder / "uploads")}
    command = [sys.executable, "-m", "app", "serve", "--port", "0"]
    with running_server(command, cwd=ROOT, log=folder / "server.log", env=environment) as started:
        yield started


@pytest.fixture(scope="session")
def server_url(server: Server) -> str:
    return server.url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = find_chromium()
    if executable is None:
        lacking("Chromium is not here; CONVSCOPE_CHROMIUM can name one.")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=executable, headless=True, chromium_sandbox=False, args=list(FLAGS)
        )
        yield chromium
        chromium.close()


@pytest.fixture
def watch(server_url: str) -> Watch:
    return Watch(server_url)


@pytest.fixture
def context(browser: Browser, server_url: str, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    options: dict[str, Any] = {
        "viewport": {"width": 1440, "height": 900},
        "locale": "en-GB",
        "base_url": server_url,
    }
    for marker in request.node.iter_markers("context"):
        options |= marker.kwargs
    opened = browser.new_context(**options)
    opened.set_default_timeout(DEADLINE_MS)
    if request.node.get_closest_marker("newcomer") is None:
        opened.add_init_script(MET)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext, server: Server, watch: Watch) -> Iterator[Page]:
    start = server.log.stat().st_size
    opened = context.new_page()
    watch.on(opened)
    yield opened
    opened.close()
    problems = watch.unexpected()
    printed = server.printed(start)
    if "Traceback (most recent call last)" in printed:
        problems.append(f"the server failed:\n{printed}")
    assert not problems, "the page complained:\n" + "\n".join(problems)


@pytest.fixture
def axe() -> Callable[[Page], str]:
    if not AXE.exists():
        lacking("axe-core is not here; npm install brings it.")
    return accessibility_violations
