"""A page of another host that frames Convscope as WordPress frames what oEmbed gives it: in a sandbox."""

from __future__ import annotations

import contextlib
import http.server
import threading
from collections.abc import Iterator
from html import escape

SANDBOX = 'sandbox="allow-scripts" security="restricted"'


class _Pages(http.server.BaseHTTPRequestHandler):
    """Answers every request with the one page that its server was made with."""

    def do_GET(self) -> None:
        """The page."""
        body: bytes = self.server.page  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing is worth a line."""


@contextlib.contextmanager
def other_host(page: str) -> Iterator[str]:
    """A server under another name and port with one page, until the block ends; its address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Pages)
    server.page = page.encode()  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def framing(address: str) -> str:
    """A page with a sandboxed frame."""
    frame = f'<iframe {SANDBOX} src="{escape(address)}" title="Convscope" width="900" height="500"></iframe>'
    return f"<!doctype html><title>A post</title><link rel=icon href=data:,>{frame}"
