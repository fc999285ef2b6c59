"""A small S3 for the tests: what our object store asks of a real one, over HTTP on loopback, in memory."""

from __future__ import annotations

import contextlib
import hashlib
import re
import threading
import time
import urllib.parse
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from xml.sax.saxutils import escape


class Bucket(ThreadingHTTPServer):
    """The objects by key; ``failing`` makes every request end in 503."""

    def __init__(self) -> None:
        self.objects: dict[str, tuple[bytes, float]] = {}
        self.failing = False
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), _Handler)

    def later(self) -> None:
        """Two seconds pass, as far as the objects know; the clock of a real one ticks in seconds."""
        self.objects = {key: (body, since - 2) for key, (body, since) in self.objects.items()}


class _Handler(BaseHTTPRequestHandler):
    server: Bucket
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", headers.get("Content_Length", str(len(body))))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _key(self) -> tuple[str, dict[str, list[str]]]:
        parts = urllib.parse.urlsplit(self.path)
        self.server.asked.append(f"{self.command} {parts.path}")
        return urllib.parse.unquote(parts.path).lstrip("/").partition("/")[2], urllib.parse.parse_qs(
            parts.query
        )

    def do_PUT(self) -> None:
        key, _ = self._key()
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        assert self.headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=tester/")
        if self.server.failing:
            return self._answer(503)
        if self.headers.get("If-None-Match") == "*" and key in self.server.objects:
            return self._answer(412, b"<Error><Code>PreconditionFailed</Code></Error>")
        self.server.objects[key] = (body, time.time())
        return self._answer(200, ETag=f'"{hashlib.md5(body).hexdigest()}"')

    def _get(self) -> None:
        key, query = self._key()
        if self.server.failing:
            return self._answer(503)
        if "list-type" in query:
            return self._list(query.get("prefix", [""])[0])
        if key not in self.server.objects:
            return self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
        body, since = self.server.objects[key]
        tag = f'"{hashlib.md5(body).hexdigest()}"'
        return self._answer(
            200, body, ETag=tag, Last_Modified=formatdate(since, usegmt=True), Content_Length=str(len(body))
        )

    do_GET = do_HEAD = _get  # noqa: N815

    def _list(self, prefix: str) -> None:
        found = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{len(body)}</Size><ETag>&quot;0&quot;</ETag>"
            f"<LastModified>{datetime.fromtimestamp(since, UTC):%Y-%m-%dT%H:%M:%S.000Z}</LastModified></Contents>"
            for key, (body, since) in sorted(self.server.objects.items())
            if key.startswith(prefix)
        )
        text = f"<ListBucketResult><IsTruncated>false</IsTruncated>{found}</ListBucketResult>"
        self._answer(200, text.encode(), Content_Type="application/xml")

    def do_DELETE(self) -> None:
        key, _ = self._key()
        if self.server.failing:
            return self._answer(503)
        self.server.objects.pop(key, None)
        return self._answer(204)

    def do_POST(self) -> None:
        """The deletion of several objects, which obstore uses for one too."""
        self._key()
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if self.server.failing:
            return self._answer(503)
        keys = re.findall(r"<Key>(.*?)</Key>", body)
        for key in keys:
            self.server.objects.pop(key, None)
        gone = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
        return self._answer(
            200, f"<DeleteResult>{gone}</DeleteResult>".encode(), Content_Type="application/xml"
        )


@contextlib.contextmanager
def running_s3() -> Iterator[Bucket]:
    """The bucket, listening until the block ends."""
    with Bucket() as bucket:
        thread = threading.Thread(target=bucket.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield bucket
        finally:
            bucket.shutdown()
            thread.join()
