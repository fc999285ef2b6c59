"""Drives a browser by a standard protocol: Firefox by WebDriver BiDi, WebKitGTK by WebDriver. Knows no page."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from websockets.sync.client import ClientConnection, connect

from tests.services import free_port, program

START_DEADLINE_S = 60.0
ANSWER_DEADLINE_S = 60.0
WIDTH, HEIGHT = 1280, 800
# Keys that have no character, as WebDriver names them.
KEYS = {
    "ArrowRight": "\ue014",
    "ArrowLeft": "\ue012",
    "Tab": "\ue004",
    "Enter": "\ue007",
    "Escape": "\ue00c",
    "PageDown": "\ue00f",
}


class Engine(Protocol):
    """A browser with one page."""

    def open(self, url: str) -> None:
        """Load an address, and wait until it has loaded."""

    def run(self, script: str, *given: Any) -> Any:
        """The result of an async function body, called with ``given`` as ``arguments``; JSON goes in and out."""

    def press(self, key: str) -> None:
        """Press and release one key: a character, or one of KEYS."""

    def screenshot(self) -> bytes:
        """The page as PNG."""


class Failed(AssertionError):
    """The browser refused a command, or a script threw."""


def _wrapped(script: str) -> str:
    """A script as a function that gives its value, or its error, as text: values differ between protocols."""
    return (
        "(async (...given) => { try { const value = await (async function () { "
        + script
        + " }).apply(null, given); return JSON.stringify({ value: value ?? null }); } "
        "catch (error) { return JSON.stringify({ error: String(error) }); } })"
    )


def _value(text: str) -> Any:
    answer = json.loads(text)
    if "error" in answer:
        raise Failed(answer["error"])
    return answer["value"]


# --- Firefox ------------------------------------------------------------------------------------------------


class Firefox:
    """Firefox by WebDriver BiDi, which it speaks on a socket of its own."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._sent = 0
        self._ask(
            "session.new",
            {"capabilities": {"alwaysMatch": {"unhandledPromptBehavior": {"default": "ignore"}}}},
        )
        tree = self._ask("browsingContext.getTree", {})
        self._context: str = tree["contexts"][0]["context"]
        viewport = {"context": self._context, "viewport": {"width": WIDTH, "height": HEIGHT}}
        self._ask("browsingContext.setViewport", viewport)

    def _ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        self._sent += 1
        self._socket.send(json.dumps({"id": self._sent, "method": method, "params": params}))
        while True:
            answer: dict[str, Any] = json.loads(self._socket.recv(timeout=ANSWER_DEADLINE_S))
            if answer.get("id") == self._sent:
                break
        if answer["type"] == "error":
            raise Failed(f"{method}: {answer['error']}: {answer['message']}")
        result: dict[str, Any] = answer["result"]
        return result

    def open(self, url: str) -> None:
        """Load an address."""
        self._ask("browsingContext.navigate", {"context": self._context, "url": url, "wait": "complete"})

    def run(self, script: str, *given: Any) -> Any:
        """The result of an async function body."""
        arguments = [{"type": "string", "value": json.dumps(one)} for one in given]
        declared = f"(...texts) => {_wrapped(script)}(...texts.map((text) => JSON.parse(text)))"
        target = {"context": self._context}
        params = {
            "functionDeclaration": declared,
            "target": target,
            "awaitPromise": True,
            "arguments": arguments,
        }
        answer = self._ask("script.callFunction", params)
        if answer["type"] == "exception":
            raise Failed(answer["exceptionDetails"]["text"])
        return _value(answer["result"]["value"])

    def press(self, key: str) -> None:
        """Press and release one key."""
        value = KEYS.get(key, key)
        actions = [{"type": "keyDown", "value": value}, {"type": "keyUp", "value": value}]
        params = {"context": self._context, "actions": [{"type": "key", "id": "keys", "actions": actions}]}
        self._ask("input.performActions", params)

    def screenshot(self) -> bytes:
        """The page as PNG."""
        answer = self._ask("browsingContext.captureScreenshot", {"context": self._context})
        return base64.b64decode(answer["data"])


# Settings against questions to other hosts, or to the person, at the first start.
PREFERENCES = """
user_pref("app.normandy.enabled", false);
user_pref("app.update.enabled", false);
user_pref("browser.aboutwelcome.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.startup.page", 0);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("extensions.update.enabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("network.proxy.type", 0);
user_pref("services.settings.server", "data:,none");
user_pref("toolkit.telemetry.reportingpolicy.firstRun", false);
"""


@contextlib.contextmanager
def firefox() -> Iterator[Engine]:
    """A Firefox with a new profile, until the block ends."""
    executable = shutil.which("firefox") or program("firefox-esr")
    port = free_port()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        (Path(profile) / "user.js").write_text(PREFERENCES, encoding="utf-8")
        command = [executable, "--headless", "--no-remote", "--profile", profile]
        command += ["--remote-debugging-port", str(port), "about:blank"]
        with contextlib.ExitStack() as stack:
            process = stack.enter_context(_running(command, {"HOME": profile}))
            yield Firefox(stack.enter_context(_socket(port, process)))


def _socket(port: int, process: subprocess.Popen[bytes]) -> ClientConnection:
    until = time.monotonic() + START_DEADLINE_S
    while True:
        try:
            return connect(f"ws://127.0.0.1:{port}/session", max_size=None, proxy=None)
        except OSError:
            if process.poll() is not None or time.monotonic() > until:
                raise Failed("Firefox does not answer") from None
            time.sleep(0.1)


# --- WebKitGTK ----------------------------------------------------------------------------------------------


class WebKit:
    """WebKitGTK's small browser by WebKitWebDriver, which speaks HTTP."""

    def __init__(self, driver: str) -> None:
        self._driver = driver
        self._session = ""
        browser = {"binary": _mini_browser(), "args": ["--automation"]}
        answer = self._ask(
            "POST", "/session", {"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": browser}}}
        )
        self._session = f"/session/{answer['sessionId']}"
        self._ask("POST", "/timeouts", {"script": int(ANSWER_DEADLINE_S * 1000)})
        self._ask("POST", "/window/rect", {"width": WIDTH, "height": HEIGHT})

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self._driver + self._session + path, data, headers, method=method)
        try:
            with _direct.open(request, timeout=ANSWER_DEADLINE_S) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as refused:
            with refused:
                reply = json.load(refused)["value"]
            raise Failed(f"{path}: {reply['error']}: {reply['message']}") from None

    def open(self, url: str) -> None:
        """Load an address."""
        self._ask("POST", "/url", {"url": url})

    def run(self, script: str, *given: Any) -> Any:
        """The result of an async function body."""
        called = (
            f"const done = arguments[arguments.length - 1]; {_wrapped(script)}(...arguments[0]).then(done)"
        )
        return _value(self._ask("POST", "/execute/async", {"script": called, "args": [list(given)]}))

    def press(self, key: str) -> None:
        """Press and release one key."""
        value = KEYS.get(key, key)
        actions = [{"type": "keyDown", "value": value}, {"type": "keyUp", "value": value}]
        self._ask("POST", "/actions", {"actions": [{"type": "key", "id": "keys", "actions": actions}]})

    def screenshot(self) -> bytes:
        """The page as PNG."""
        return base64.b64decode(self._ask("GET", "/screenshot"))

    def close(self) -> None:
        """End the session and its browser."""
        with contextlib.suppress(Failed, OSError):
            self._ask("DELETE", "")


# Requests to a driver on this machine never go through a proxy.
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _mini_browser() -> str:
    found = sorted(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"))
    return str(found[-1]) if found else program("MiniBrowser")


@contextlib.contextmanager
def webkit() -> Iterator[Engine]:
    """WebKitGTK's small browser on a screen of its own, until the block ends."""
    driver, screen, port = program("WebKitWebDriver"), program("Xvfb"), free_port()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home, contextlib.ExitStack() as stack:
        display = _display(stack, screen)
        environment = {
            "HOME": home,
            "XDG_RUNTIME_DIR": home,
            "DISPLAY": display,
            "GDK_BACKEND": "x11",
            # No graphics processor and no message bus are needed to draw a page.
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "WEBKIT_DISABLE_COMPOSITING_MODE": "1",
            "NO_AT_BRIDGE": "1",
            "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1",  # root may not make the sandbox
        }
        stack.enter_context(_running([driver, f"--port={port}", "--host=127.0.0.1"], environment))
        _answers(port)
        opened = WebKit(f"http://127.0.0.1:{port}")
        try:
            yield opened
        finally:
            opened.close()


def _display(stack: contextlib.ExitStack, screen: str) -> str:
    """The display of a new Xvfb, which picks a free number and says it."""
    reads, writes = os.pipe()
    size = f"{WIDTH}x{HEIGHT}x24"
    command = [screen, "-displayfd", str(writes), "-screen", "0", size, "-nolisten", "tcp"]
    stack.enter_context(_running(command, {}, pass_fds=(writes,)))
    os.close(writes)
    with os.fdopen(reads) as stream:
        number = stream.readline().strip()
    if not number:
        raise Failed("Xvfb does not start")
    return f":{number}"


def _answers(port: int) -> None:
    until = time.monotonic() + START_DEADLINE_S
    while True:
        try:
            with _direct.open(f"http://127.0.0.1:{port}/status", timeout=5):
                return
        except OSError:
            if time.monotonic() > until:
                raise Failed("WebKitWebDriver does not answer") from None
            time.sleep(0.1)


@contextlib.contextmanager
def _running(
    command: list[str], environment: dict[str, str], pass_fds: tuple[int, ...] = ()
) -> Iterator[subprocess.Popen[bytes]]:
    """A program and all that it starts, until the block ends."""
    with subprocess.Popen(
        command,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=pass_fds,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, 15)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)
