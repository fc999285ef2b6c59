"""The page's files: read, joined and compressed once, served for ever under a hash of them all. Knows no body."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ..core.errors import NotFound
from . import bundle, problems
from .compact import encoded, shortened, taken

MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}
FOR_EVER = "public, max-age=31536000, immutable"
ENTRIES = ("main", "whole")  # of the page's modules: each comes with all that it needs and no earlier one has
ALONE = "trying"  # the entry of another page
SHEETS = (
    "base",
    "settings",
    "page",
    "stage",
    "transport",
    "narrow",
    "print",
)  # of the page's style sheets, in order


def home(name: str) -> Path:
    """The folder ``static`` or ``templates``: inside the package when installed, beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / name
    return inside if inside.is_dir() else package.parent / name


@dataclass(frozen=True, slots=True)
class Asset:
    """One file or page with its compressed twins, made once."""

    body: bytes
    media_type: str
    twins: Mapping[str, bytes]  # by content coding

    @classmethod
    def of(cls, body: bytes, media_type: str) -> Asset:
        """An asset and its twins."""
        return cls(body, media_type, encoded(body))

    def answer(self, scope: Scope, cache: str) -> Response:
        """The body in the form that the client takes."""
        headers = {"Cache-Control": cache, "Vary": "Accept-Encoding"}
        codings = taken(Headers(scope=scope).get("accept-encoding", ""))
        for coding, twin in self.twins.items():
            if coding in codings:
                return Response(
                    twin, headers={**headers, "Content-Encoding": coding}, media_type=self.media_type
                )
        return Response(self.body, headers=headers, media_type=self.media_type)


class Assets:
    """All static files by path, and the hash that their addresses carry."""

    def __init__(self, folder: Path, made: Mapping[str, bytes] = MappingProxyType({})) -> None:
        """The files of a folder, and beside them those that are ``made`` by name."""
        read: dict[str, bytes] = {}
        digest = hashlib.sha256()
        for path in sorted(folder.rglob("*")):
            if path.suffix not in MEDIA_TYPES or not path.is_file():
                continue
            read[path.relative_to(folder).as_posix()] = path.read_bytes()
        read.update(made)
        for name, body in read.items():
            digest.update(name.encode() + b"\0" + body)
        self.hash = digest.hexdigest()[:12]
        read.update(_joined(read, self.hash))
        self.files = {name: _asset(body, MEDIA_TYPES[Path(name).suffix]) for name, body in read.items()}

    def url(self, name: str) -> str:
        """The address of a file, relative to the page; raises KeyError for one that does not exist."""
        if name not in self.files:
            raise KeyError(name)
        return f"static/{self.hash}/{name}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve ``/static/<hash>/<name>``; an old hash gets today's file, uncached."""
        _, _, rest = scope["path"].partition("/static/")
        wanted, _, name = rest.partition("/")
        asset = self.files.get(name)
        if asset is None or scope["method"] not in ("GET", "HEAD"):
            missing = NotFound("path", scope["path"][:80], "no such file is served", "Open / for the page.")
            await problems.response(missing)(scope, receive, send)
            return
        cache = FOR_EVER if wanted == self.hash else "no-store"
        await asset.answer(scope, cache)(scope, receive, send)


def _asset(body: bytes, media_type: str) -> Asset:
    if media_type.startswith("text/"):
        body = shortened(body.decode(), media_type).encode()
    return Asset.of(body, media_type)


def _joined(read: dict[str, bytes], stamp: str) -> dict[str, bytes]:
    """The modules as they are served, those that come together as one, and the page's style sheets as one."""
    sources = {
        Path(name).stem: body.decode()
        for name, body in read.items()
        if name.startswith("js/") and name.endswith(".js")
    }
    served = bundle.joined(ENTRIES, sources, stamp)
    served[ALONE] = bundle.joined((ALONE,), sources, stamp)[ALONE]
    sheets = b"".join(read[f"css/{name}.css"] for name in SHEETS)
    return {f"js/{name}.js": text.encode() for name, text in served.items()} | {"css/joined.css": sheets}
