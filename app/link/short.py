"""Short links: the text of a state kept under the beginning of its checksum. Knows the store, no HTTP and no page."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from ..core.errors import NotFound, Problem
from ..images.store.blobs import Blobs
from ..images.store.store import Store
from .fragment import MOST_BYTES, Link, read_link, write_link

ID = re.compile(r"[0-9a-f]{16}\Z")
DIGITS = 16  # of an id: to find another state of the same id takes 2^64 tries
LINKS = "links"
YEAR_S = 365 * 24 * 3600
_NAME = re.compile(r"([0-9a-f]{64})\.npy\Z")


@dataclass(frozen=True, slots=True)
class Kept:
    """A short link: its id, its one text, and for how long it is kept."""

    id: str
    fragment: str
    expires_s: int
    expires: str


class ShortLinks:
    """Links in a store of their own, with its quotas: an owner's oldest make room for its new ones.

    A record is the text as bytes. Equal states are the same text, so the same record; keeping one again makes it young.
    """

    def __init__(self, blobs: Blobs, max_bytes: int, *, owner_count: int) -> None:
        self.max_bytes = max_bytes
        self.store = Store(blobs, max_bytes, YEAR_S, owner_bytes=max_bytes, owner_count=owner_count)

    def keep(self, link: Link, owner: str) -> Kept:
        """Keep a link for an owner of 16 digits; raises Problem where there is no room."""
        if not self.max_bytes:
            raise Problem(
                code="no_links",
                status=403,
                title="No short links here",
                reason="this server keeps no short links",
                remedy="Use the link itself; whoever runs the server sets CONVSCOPE_LINKS_BYTES.",
            )
        fragment = write_link(link)
        record = np.frombuffer(fragment.encode("ascii"), np.uint8)
        stored = self.store.put(record, "link", owner).to_json()
        return Kept(stored["id"][:DIGITS], fragment, stored["expires_s"], stored["expires"])

    def find(self, id: str) -> str:
        """The text of a link; raises NotFound, or Unreachable."""
        if not ID.match(id):  # before the store is asked: an id is never a path
            raise _lost(id, f"an id is {DIGITS} digits of 0-9 and a-f")
        names = sorted(filter(None, map(_NAME.match, self.store.blobs.named([id]))), key=lambda name: name[0])
        if not names:
            raise _lost(id, "this server does not have this link, or no longer")
        record = self.store.get(names[0][1])
        fragment = record.tobytes()[: MOST_BYTES + 1].decode("ascii", errors="replace")
        read_link(
            fragment
        )  # what another version wrote, or somebody else in the same place, is no link of this one
        return fragment


def _lost(id: str, reason: str) -> NotFound:
    return NotFound("id", id[:80], reason, "Ask for the link again; a short link is kept for a year.")
