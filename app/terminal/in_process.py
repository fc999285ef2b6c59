"""Asks the application in this process, without a socket: what the command line speaks. Knows ASGI, no route."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import anyio
from starlette.types import ASGIApp, Message


@dataclass
class Answer:
    """The application's answer."""

    status: int = 500
    media_type: str = ""
    parts: list[bytes] = field(default_factory=list)

    @property
    def body(self) -> bytes:
        """All of the body."""
        return b"".join(self.parts)


async def ask(app: ASGIApp, method: str, path: str, body: bytes = b"", *, media: str, accept: str) -> Answer:
    """One request as the application sees it from a client on this machine."""
    answer = Answer()
    sent = False
    answered = anyio.Event()

    async def receive() -> Message:
        nonlocal sent
        if sent:  # whoever asks stays until it has the answer
            await answered.wait()
            return {"type": "http.disconnect"}
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            headers = {name.decode().lower(): value.decode("latin-1") for name, value in message["headers"]}
            answer.media_type = headers.get("content-type", "")
        elif message["type"] == "http.response.body":
            answer.parts.append(message.get("body", b""))
            if not message.get("more_body", False):
                answered.set()

    headers = {"host": "localhost", "content-type": media, "accept": accept, "content-length": str(len(body))}
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 0),
        "server": ("localhost", 80),
    }
    await app(scope, receive, send)
    return answer
