"""Blobs in an S3-compatible object store, by obstore. Knows no upload."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError
from obstore.store import from_url

from .blobs import (
    Blob,
    Entry,
    Part,
    Unreachable,
)

ENDPOINTS = ("AWS_ENDPOINT", "AWS_ENDPOINT_URL")
UPLOADS = "uploads"
FOREVER = "kept"
CONNECT, ANSWER = timedelta(seconds=2), timedelta(seconds=10)
RETRIES = 2


class ObjectBlobs:
    """An object a blob under ``uploads/``, or the kind that it is opened for.

    Keys, region and endpoint come from AWS_* variables, as everywhere.
    Age is by the time that the store gives; expiry is ours, and a lifecycle rule on ``uploads/`` may help it.
    """

    def __init__(self, url: str, kind: str = UPLOADS) -> None:
        self._folder = kind
        options: Any = {}
        if url.startswith(("s3:", "gs:", "az:")):
            # Whoever names an endpoint without TLS means it: a store on the same host or network.
            plain = any(os.environ.get(name, "").startswith("http:") for name in ENDPOINTS)
            client = {"connect_timeout": CONNECT, "timeout": ANSWER, "allow_http": plain}
            retry = {"max_retries": RETRIES, "retry_timeout": ANSWER}
            options = {"client_options": client, "retry_config": retry}
        self._store: Any = from_url(url, **options)

    def write(self, name: str, parts: Sequence[Part], keep_s: int) -> int:
        """A put is whole or not at all."""
        data = b"".join(parts)
        with _speaking():
            obstore.put(self._store, f"{self._folder}/{name}", data)
        return len(data)

    def read(self, name: str) -> Blob | None:
        """The object's bytes and age."""
        with _speaking():
            try:
                got = obstore.get(self._store, f"{self._folder}/{name}")
                return Blob(bytes(got.bytes()), _age_s(got.meta["last_modified"]))
            except (NotFoundError, FileNotFoundError):
                return None

    def create(self, name: str, data: bytes) -> bytes:
        """By a conditional put, which lets the first one win."""
        with _speaking():
            with contextlib.suppress(AlreadyExistsError):
                obstore.put(self._store, f"{FOREVER}/{name}", data, mode="create")
            return bytes(obstore.get(self._store, f"{FOREVER}/{name}").bytes())

    def remove(self, name: str) -> bool:
        """Ask first: a store deletes what is not there without a word."""
        if self.age_s(name) is None:
            return False
        with _speaking():
            obstore.delete(self._store, f"{self._folder}/{name}")
        return True

    def entries(self) -> list[Entry]:
        """A list of everything, a thousand names a request."""
        found: list[Entry] = []
        with _speaking():
            for page in obstore.list(self._store, self._folder, chunk_size=1000):
                found += [
                    Entry(item["path"].rpartition("/")[2], item["size"], _age_s(item["last_modified"]))
                    for item in page
                ]
        return found

    def named(self, prefixes: Sequence[str]) -> list[str]:
        """Lists that begin right before each prefix: a store gives objects in the order of their names.

        It matches prefixes itself, but by whole words of a path only.
        """
        found: list[str] = []
        for prefix in prefixes:
            offset = f"{self._folder}/{prefix[:-1]}{chr(ord(prefix[-1]) - 1)}~" if prefix else None
            with _speaking():
                for page in obstore.list(self._store, self._folder, offset=offset, chunk_size=50):
                    names = [item["path"].rpartition("/")[2] for item in page]
                    found += [name for name in names if name.startswith(prefix)]
                    if names and not max(names).startswith(prefix):
                        break
        return found

    def age_s(self, name: str) -> float | None:
        """By the head of the object."""
        with _speaking():
            try:
                return _age_s(obstore.head(self._store, f"{self._folder}/{name}")["last_modified"])
            except (NotFoundError, FileNotFoundError):
                return None

    def ready(self) -> bool:
        """Whether the store answers a question that costs nothing."""
        try:
            self.age_s("ready")
        except Unreachable:
            return False
        return True


def _age_s(since: datetime) -> float:
    return (datetime.now(UTC) - since).total_seconds()


@contextlib.contextmanager
def _speaking() -> Iterator[None]:
    try:
        yield
    except BaseError as error:
        raise Unreachable(type(error).__name__.removesuffix("Error")) from error
