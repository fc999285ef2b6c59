"""A plain WebSocket client: as little work per byte as Python allows, so that the server is measured."""

from __future__ import annotations

import base64
import json
import os
import socket
import struct
from dataclasses import dataclass, field
from typing import Any

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


@dataclass
class PlainSocket:
    """One connection to ``/api/v1/stream``."""

    host: str
    port: int
    _socket: socket.socket = field(init=False)
    _buffer: bytearray = field(default_factory=lambda: bytearray(1 << 20), init=False)

    def __post_init__(self) -> None:
        """Connect and shake hands."""
        self._socket = socket.create_connection((self.host, self.port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        key = base64.b64encode(os.urandom(16)).decode()
        self._socket.sendall(
            (
                f"GET /api/v1/stream HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nUpgrade: websocket\r\n"
                f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Protocol: convscope.v1\r\n\r\n"
            ).encode()
        )
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self._socket.recv(1)
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise ConnectionError(head.decode(errors="replace"))

    def send(self, message: dict[str, Any]) -> None:
        """One masked text message."""
        body = json.dumps(message).encode()
        mask = os.urandom(4)
        head = struct.pack("!BB", 0x80 | TEXT, 0x80 | (min(126, len(body))))
        if len(body) >= 126:
            head += struct.pack("!H", len(body))
        self._socket.sendall(head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(body)))

    def receive(self) -> tuple[int, memoryview]:
        """The next text or binary message; the view is valid until the next call."""
        while True:
            self._exactly(2)
            kind, size = self._buffer[0] & 15, self._buffer[1] & 127
            if size == 126:
                self._exactly(2)
                (size,) = struct.unpack_from("!H", self._buffer)
            elif size == 127:
                self._exactly(8)
                (size,) = struct.unpack_from("!Q", self._buffer)
            self._exactly(size)
            if kind in (TEXT, BINARY):
                return kind, memoryview(self._buffer)[:size]
            if kind == CLOSE:
                raise ConnectionError("the server closed the socket")

    def _exactly(self, size: int) -> None:
        view = memoryview(self._buffer)[:size]
        while view:
            view = view[self._socket.recv_into(view) :]

    def shrink(self) -> None:
        """Take as little as the system allows before the server has to wait."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)

    def sip(self, size: int) -> None:
        """Read some bytes and make nothing of them."""
        self._socket.recv(size)

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


def start(
    job: int, size: int, *, credits: int = 1_000_000, filters: int = 1, window: bool = True, seed: int = 0
) -> dict[str, Any]:
    """A job with 3×3×3 windows on seeded noise of ``size`` × ``size``."""
    return {
        "type": "start",
        "job": job,
        "layers": [{"operation": "convolution", "kernel": 3, "filters": filters}],
        "source": {"kind": "noise", "shape": [3, size, size], "seed": seed},
        "window": window,
        "credits": credits,
    }
