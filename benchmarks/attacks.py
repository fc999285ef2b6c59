"""Requests of strangers: each kind of attack as a function from a random generator to bytes. Knows no server."""

from __future__ import annotations

import copy
import functools
import io
import json
import random
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from PIL import Image

Attack = Callable[[random.Random], bytes]

LAYER = {"operation": "convolution", "kernel": 2, "filters": 2}
RUN = {"layers": [LAYER], "source": {"kind": "sample", "name": "cross"}, "weights": None}
START = {"type": "start", "job": 1, "credits": 4, **RUN}
ROUTES = ("run", "plan", "frames", "code", "solve", "figure", "read")


def request(
    method: str, path: str, body: bytes = b"", kind: str = "application/json", more: str = ""
) -> bytes:
    """A request on a connection of its own."""
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{more}"
    if body:
        head += f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
    return head.encode("latin-1") + b"\r\n" + body


# ------------------------------------------------------------------------------------- JSON

STRANGE: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 1e308, 10**400, 2**63, -(2**63), "", "NaN", "x" * 5000, [], {}, [[]]),
    *(
        float("nan"),
        float("inf"),
        [None] * 2000,
        {"a": {"b": {"c": 1}}},
        "\ud800",
        "\0",
        [0] * 5,
        {"kind": "x"},
    ),
)


def wrong_types(draw: random.Random) -> bytes:
    """A good request with one to three of its values replaced by something else."""
    body: Any = json.loads(json.dumps(RUN))
    for _ in range(draw.randint(1, 3)):
        places = list(_places(body))
        holder, key = draw.choice(places)
        holder[key] = copy.deepcopy(draw.choice(STRANGE))
    return request(
        "POST", f"/api/v1/{draw.choice(ROUTES)}", json.dumps(body).encode("utf-8", "surrogatepass")
    )


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, dict):
        items: Any = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    else:
        return
    for key, inside in items:
        yield value, key
        yield from _places(inside)


def broken_json(draw: random.Random) -> bytes:
    """Bodies that are no JSON, nest without end, or have the same key a thousand times."""
    body = draw.choice(
        (
            b"[" * draw.randint(1, 100_000),
            b'{"layers":' * draw.randint(1, 20_000),
            json.dumps(RUN).encode()[: draw.randint(1, 80)],
            b"{" + b",".join(b'"%d":1' % number for number in range(draw.randint(1, 60_000))) + b"}",
            b'{"layers":[' + b",".join([b"{}"] * draw.randint(1, 100_000)) + b"]}",
            b'{"include":[' + b",".join([b"1"] * draw.randint(1, 400_000)) + b"]}",
            b'{"a":' + b"9" * draw.randint(1, 500_000) + b"}",
            b"\xef\xbb\xbf{}",
            draw.randbytes(draw.randint(1, 5_000)),
            b'"' + b"\\u0000" * draw.randint(1, 10_000) + b'"',
        )
    )
    return request("POST", f"/api/v1/{draw.choice(ROUTES)}", body)


def dear(draw: random.Random) -> bytes:
    """Requests that would cost too much, if they were done."""
    side = draw.choice((1, 50_000, 2**24, 10**9))
    source = draw.choice(
        (
            {"kind": "noise", "shape": [draw.choice((1, 4096)), side, side]},
            {"kind": "sample", "name": "scene", "size": draw.choice((1024, 10**9))},
            {"kind": "values", "values": [[draw.choice(("NaN", "Infinity", 1e300, 1))] * 500] * 500},
        )
    )
    layer = {
        **LAYER,
        "kernel": draw.choice((1, 31, 1023, 10**9)),
        "filters": draw.choice((1, 4096, 10**9)),
        "padding": draw.choice((0, 1000, 10**9)),
        "dilation": draw.choice((1, 10**6)),
    }
    body = {**RUN, "source": source, "layers": [layer]}
    return request("POST", f"/api/v1/{draw.choice(ROUTES)}", json.dumps(body).encode())


def oversize(draw: random.Random) -> bytes:
    """A body larger than is taken: some say so, some do not."""
    path = draw.choice(("/api/v1/run", "/api/v1/images"))
    size = draw.choice((4_000_001, 20_000_001))
    kind = "image/png" if path.endswith("images") else "application/json"
    if draw.random() < 0.5:
        return request("POST", path, b" " * size, kind)
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: {kind}\r\n"
    chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    return (
        head.encode() + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * (size // 0x100000 + 1) + b"0\r\n\r\n"
    )


# ------------------------------------------------------------------------------------- pictures

FORMATS = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "GIF": "image/gif",
    "WEBP": "image/webp",
    "BMP": "image/bmp",
    "AVIF": "image/avif",
    "TIFF": "image/tiff",
}


@functools.cache
def _good(form: str) -> bytes:
    pixels = np.random.default_rng(3).integers(0, 256, (40, 30, 3), np.uint8)
    file = io.BytesIO()
    if form == "NPY":
        np.save(file, pixels.astype(np.float32))
    else:
        Image.fromarray(pixels).save(file, form)
    return file.getvalue()


def mutated_picture(draw: random.Random) -> bytes:
    """A picture or an array with bytes changed, cut, doubled, put in or from another format."""
    form = draw.choice((*FORMATS, "NPY"))
    data = bytearray(_good(form))
    for _ in range(draw.choice((1, 1, 2, 5, 40))):
        at = draw.randrange(len(data))
        match draw.randrange(6):
            case 0:
                data[at] ^= 1 << draw.randrange(8)
            case 1:
                data[at:] = b""
            case 2:
                data[at:at] = draw.randbytes(draw.randint(1, 60))
            case 3:
                data[at:at] = data[at : at + 200]
            case 4:
                data[at : at + 4] = draw.choice((b"\xff" * 4, b"\0" * 4, struct.pack(">I", 2**31 - 1)))
            case _:
                data[at:at] = _good(draw.choice(tuple(FORMATS)))[: draw.randint(1, 300)]
        if not data:
            data = bytearray(b"\0")
    kind = FORMATS.get(form, "application/x-npy")
    return request("POST", "/api/v1/images", bytes(data), draw.choice((kind, kind, "image/*", "image/gif")))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(width: int, height: int, data: bytes, *more: bytes) -> bytes:
    """A PNG that says it is of that size, whatever it holds."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", head)
        + b"".join(more)
        + _chunk(b"IDAT", data)
        + _chunk(b"IEND", b"")
    )


@functools.cache
def _zeros(size: int) -> bytes:
    return zlib.compress(b"\0" * size, 9)


@functools.cache
def film(frames: int) -> bytes:
    """A GIF of so many frames."""
    file = io.BytesIO()
    Image.new("P", (8, 8)).save(file, "GIF")
    single = file.getvalue()
    return single[:-1] + single[single.index(b",") : -1] * frames + b";"


def bomb(draw: random.Random) -> bytes:
    """A small file that says it is huge, or is: pixels, frames, texts and profiles that unfold."""
    text = _chunk(b"zTXt", b"a\0\0" + _zeros(50_000_000))
    profile = _chunk(b"iCCP", b"a\0\0" + _zeros(50_000_000))
    made: Callable[[], tuple[bytes, str]] = draw.choice(
        (
            lambda: (png_of(50_000, 50_000, _zeros(1_000_000)), "image/png"),
            lambda: (png_of(2**31 - 1, 2**31 - 1, b""), "image/png"),
            lambda: (png_of(100, 100, _zeros(100_000_000)), "image/png"),
            lambda: (png_of(10, 10, _zeros(310), text), "image/png"),
            lambda: (png_of(10, 10, _zeros(310), profile), "image/png"),
            lambda: (film(20_000), "image/gif"),
            lambda: (scans(2_000), "image/jpeg"),
            lambda: (_good("JPEG")[:2] + b"\xff" * 5_000_000 + _good("JPEG")[2:], "image/jpeg"),
            lambda: (_good("JPEG")[:2] + b"\xff\xfe\0\2" * 1_000_000 + _good("JPEG")[2:], "image/jpeg"),
            lambda: (_good("GIF")[:13] + b"\x21\xfe" + (b"\xff" + b"c" * 255) * 20_000, "image/gif"),
            lambda: (b"GIF89a" + struct.pack("<HH", 65535, 65535) + _good("GIF")[10:], "image/gif"),
            lambda: (_good("BMP")[:18] + struct.pack("<ii", 60_000, 60_000) + _good("BMP")[26:], "image/bmp"),
            lambda: (_good("BMP")[:18] + struct.pack("<ii", -5, -(2**31)) + _good("BMP")[26:], "image/bmp"),
            lambda: (_npy("(99999999999, 99999)"), "application/x-npy"),
            lambda: (_npy("(-1, 5)"), "application/x-npy"),
            lambda: (_npy("()" * 500), "application/x-npy"),
        )
    )
    data, kind = made()
    return request("POST", "/api/v1/images", data, kind)


def _npy(shape: str) -> bytes:
    text = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}".encode()
    return b"\x93NUMPY\x01\0" + struct.pack("<H", len(text)) + text + b"\0" * 64


def scans(count: int) -> bytes:
    """A progressive JPEG of 2,000 by 2,000 pixels that refines itself again and again."""
    file = io.BytesIO()
    Image.new("RGB", (2_000, 2_000), "teal").save(file, "JPEG", progressive=True)
    plain = file.getvalue()
    last = plain[plain.rindex(b"\xff\xda") : -2]
    return plain[:-2] + last * count + plain[-2:]


def large_but_allowed(draw: random.Random) -> bytes:
    """As many pixels as are decoded at all, in a few kilobytes."""
    return request("POST", "/api/v1/images", png_of(6_000, 6_000, _zeros(18_001 * 6_000)), "image/png")


# ------------------------------------------------------------------------------------- HTTP


def malformed_http(draw: random.Random) -> bytes:
    """Bytes that are nearly a request, or nothing like one."""
    good = request("POST", "/api/v1/run", json.dumps(RUN).encode())
    head = b"POST /api/v1/run HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    chunked = head + b"Transfer-Encoding: chunked\r\n\r\n"
    at = draw.randrange(len(good))
    return draw.choice(
        (
            draw.randbytes(draw.randint(1, 3_000)) + b"\r\n\r\n",
            good[:at] + draw.randbytes(draw.randint(1, 9)) + good[at:] + b"\r\n\r\n",
            head + b"x: y\r\n" * 20_000 + b"\r\n",
            head + b"x: " + b"y" * draw.choice((9_000, 70_000, 400_000)) + b"\r\n\r\n",
            b"GET /" + b"a" * draw.choice((9_000, 200_000)) + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
            head + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
            head + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            head + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
            chunked + draw.choice((b"-1\r\n", b"ffffffffffffffffff\r\n", b"5\r\nhel", b"0\r\nx: y\r\n" * 2_000)),
            head.replace(b"localhost", draw.choice((b"evil.example", b"", b"a b", b"[::1"))) + b"\r\n",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
            b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n",
            head + b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\n{}",
            request("GET", "/static/../../etc/passwd"),
            request("GET", "/static/%2e%2e/%2e%2e/etc/passwd"),
            request("GET", f"/api/v1/images/{'../' * draw.randint(1, 9)}etc/passwd"),
            request(draw.choice(("TRACE", "PUT", "PATCH", "X" * 300)), "/api/v1/run"),
            request("GET", "/healthz", more="Upgrade: h2c\r\nConnection: Upgrade\r\n"),
        )
    )  # fmt: skip


# ------------------------------------------------------------------------------------- sockets

SHAKE = (
    b"GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: convscope.v1\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
CLOSE = b"\x88\x82\0\0\0\0\x03\xe8"


def frame(opcode: int, payload: bytes, *, last: bool = True) -> bytes:
    """One frame of a client, under a mask of zeros."""
    size = len(payload)
    if size < 126:
        length = bytes([0x80 | size])
    elif size < 65536:
        length = b"\xfe" + struct.pack("!H", size)
    else:
        length = b"\xff" + struct.pack("!Q", size)
    return bytes([(0x80 if last else 0) | opcode]) + length + b"\0\0\0\0" + payload


def malformed_frames(draw: random.Random) -> bytes:
    """A good handshake, and then frames that are none."""
    good = frame(1, json.dumps(START).encode())
    at = draw.randrange(len(good))
    return SHAKE + draw.choice(
        (
            draw.randbytes(draw.randint(1, 3_000)),
            good[:at] + draw.randbytes(draw.randint(1, 9)) + good[at:],
            frame(1, b"", last=False) + frame(0, b"", last=False) * 3_000,
            frame(1, b"x", last=False) + frame(0, b"y", last=False) * draw.randint(1, 900),
            b"\x81\xff" + struct.pack("!Q", draw.choice((2**63 - 1, 2**40, 5_000_000))) + b"\0\0\0\0" + b"x" * 100,
            frame(1, draw.randbytes(300)),
            frame(9, b"p" * 125) * 500,
            frame(8, struct.pack("!H", draw.choice((0, 5, 999, 1005, 65535)))),
            frame(draw.choice((3, 7, 11, 15)), b"x"),
            frame(1, b"[" * 100_000),
        )
    ) + CLOSE  # fmt: skip


def strange_messages(draw: random.Random) -> bytes:
    """A good handshake, and then messages of a page that has lost its mind."""
    sent = []
    for _ in range(draw.randint(1, 30)):
        body: Any = json.loads(json.dumps(START))
        body["job"] = draw.choice((1, 2, draw.randrange(2**32)))
        if draw.random() < 0.7:
            holder, key = draw.choice(list(_places(body)))
            holder[key] = copy.deepcopy(draw.choice(STRANGE))
        other = {"type": draw.choice(("credit", "cancel", "start", "x")), "job": draw.choice((1, -1, 2**40))}
        text = json.dumps(draw.choice((body, body, {**other, "n": draw.choice((1, 0, 10**9))})))
        sent.append(frame(draw.choice((1, 1, 1, 2)), text.encode("utf-8", "surrogatepass")))
    return SHAKE + b"".join(sent) + CLOSE


# Attacks that are sent at once, and how many of ten thousand are of each kind.
ATTACKS: dict[str, tuple[Attack, int]] = {
    "wrong types": (wrong_types, 1_500),
    "broken JSON": (broken_json, 600),
    "too dear": (dear, 500),
    "oversize": (oversize, 100),
    "mutated pictures": (mutated_picture, 2_000),
    "bombs": (bomb, 400),
    "as large as allowed": (large_but_allowed, 20),
    "malformed HTTP": (malformed_http, 1_200),
    "malformed frames": (malformed_frames, 700),
    "strange messages": (strange_messages, 500),
}

# Attacks that are sent a little at a time: how each begins, and what follows now and then.
SLOW: dict[str, tuple[bytes, bytes]] = {
    "slow heads": (b"GET / HTTP/1.1\r\nHost: localhost\r\n", b"x: y\r\n"),
    "slow bodies": (
        b"POST /api/v1/run HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Content-Length: 1000000\r\n\r\n",
        b" ",
    ),
    "slow chunks": (
        b"POST /api/v1/images HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n",
        b"1\r\n \r\n",
    ),
    "slow frames": (SHAKE, b"\x81"),
    "silence": (b"", b""),
}
