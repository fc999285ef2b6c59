"""Notes everything that goes wrong on a page while a test uses it: errors, failed requests, foreign hosts."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Error, Page, Request, Response, WebSocket

# A page that asks for something newer gives up the request before; the browser reports that as aborted.
ABANDONED = "net::ERR_ABORTED"
WITHIN_THE_PAGE = ("data", "blob", "about")


class Watch:
    """The problems of one page. A test that provokes a problem says so with ``allow``."""

    def __init__(self, origin: str) -> None:
        self.host = urlsplit(origin).netloc
        self.problems: list[str] = []
        self._allowed: list[re.Pattern[str]] = []

    def allow(self, pattern: str) -> None:
        """From now on, and for what was already seen, a problem that matches ``pattern`` is expected."""
        self._allowed.append(re.compile(pattern))

    def unexpected(self) -> list[str]:
        """The problems that no call of ``allow`` covers."""
        return [text for text in self.problems if not any(allowed.search(text) for allowed in self._allowed)]

    def on(self, page: Page) -> None:
        """Begins to watch ``page``."""
        page.on("console", self._console)
        page.on("pageerror", self._error)
        page.on("request", self._request)
        page.on("requestfailed", self._failed)
        page.on("response", self._response)
        page.on("websocket", self._socket)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            where = message.location.get("url", "")
            self.problems.append(f"console {message.type}: {message.text} ({where})")

    def _error(self, error: Error) -> None:
        self.problems.append(f"uncaught: {error.message}\n{error.stack or ''}")

    def _request(self, request: Request) -> None:
        self._same_host(request.url)

    def _failed(self, request: Request) -> None:
        if request.failure != ABANDONED:
            self.problems.append(f"request failed: {request.method} {request.url}: {request.failure}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self.problems.append(f"status {response.status}: {response.request.method} {response.url}")

    def _socket(self, socket: WebSocket) -> None:
        self._same_host(socket.url)
        socket.on("socketerror", lambda error: self.problems.append(f"socket {socket.url}: {error}"))

    def _same_host(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in WITHIN_THE_PAGE and parts.netloc != self.host:
            self.problems.append(f"foreign host: {url}")
