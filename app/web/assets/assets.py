"""The page's files: as they are written, read anew for each request, or as a build made them, for ever.

Knows no route.
"""

from __future__ import annotations

import abc
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ...core.errors import NotFound
from ..http import problems
from . import built
from .compression import encoded, taken

MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
QUICK = 4  # quality of compression for what is asked for at once
FOR_EVER = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"  # kept, and asked for again each time
ENDINGS = {"br": ".br", "gzip": ".gz"}  # of the twins of a file, by content coding, the shortest first

Form = Literal["written", "built"]


def home(name: str) -> Path:
    """The folder ``static``, ``built`` or ``templates``: in the package when installed, beside it in a checkout."""
    package = Path(__file__).resolve().parents[2]
    # Each installed package has templates; the other two may be there or not, and beside it they are somebody else's.
    return (package if (package / "templates").is_dir() else package.parent) / name


def edited(name: str) -> int:
    """When a file of the folder ``name`` was changed last, in nanoseconds of the file system's clock."""
    folder = home(name)
    return max(path.stat().st_mtime_ns for path in [folder, *folder.rglob("*")])


def form_of(wanted: str) -> Form:
    """The form in which the page is served: as ``wanted``, or as written where its modules are.

    A build beside the modules is served only when somebody asks for it, and only when it was made from them.
    """
    sources, made = home("static"), home(built.FOLDER)
    if wanted == "auto":
        return "written" if sources.is_dir() else "built"
    if wanted == "written" and not sources.is_dir():
        raise SystemExit(
            "CONVSCOPE_PAGE = written: this installation holds the built page only. Use built, or leave it out."
        )
    if wanted == "built" and not made.is_dir():
        raise SystemExit(
            f"CONVSCOPE_PAGE = built: there is no {made}. Run node {built.SCRIPT}, or use written."
        )
    if wanted == "built" and sources.is_dir() and not built.is_current(made.parent):
        raise SystemExit(
            f"CONVSCOPE_PAGE = built: {made} was not made from the modules beside it. Run node {built.SCRIPT} again."
        )
    return cast(Form, wanted)


@dataclass(frozen=True, slots=True)
class Asset:
    """One file or page with its compressed twins."""

    body: bytes
    media_type: str
    twins: Mapping[str, bytes]  # by content coding
    tag: str  # of all its forms

    @classmethod
    def of(cls, body: bytes, media_type: str, twins: Mapping[str, bytes] | None = None) -> Asset:
        """An asset; twins that nobody has made yet are made here."""
        tag = f'W/"{hashlib.sha256(body).hexdigest()[:20]}"'
        return cls(body, media_type, encoded(body) if twins is None else twins, tag)

    def answer(self, scope: Scope, cache: str) -> Response:
        """The body in the form that the client takes, or that the client has it already."""
        asked = Headers(scope=scope)
        headers = {"Cache-Control": cache, "Vary": "Accept-Encoding", "ETag": self.tag}
        if self.tag in asked.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        codings = taken(asked.get("accept-encoding", ""))
        for coding, twin in self.twins.items():
            if coding in codings:
                return Response(
                    twin, headers={**headers, "Content-Encoding": coding}, media_type=self.media_type
                )
        return Response(self.body, headers=headers, media_type=self.media_type)


class Assets(abc.ABC):
    """All files of the page by name, and their addresses. ``made`` are those that the server makes itself."""

    version: str  # stands in every address
    follows_edits = False  # whether what is edited is served at once

    def __init__(self, made: Mapping[str, bytes]) -> None:
        self.made = {name: Asset.of(body, MEDIA_TYPES[Path(name).suffix]) for name, body in made.items()}

    def find(self, name: str) -> Asset | None:
        """The file of a name, if there is one."""
        return self.made.get(name)

    @abc.abstractmethod
    def cache(self, version: str) -> str:
        """For how long an answer may be kept that was asked for by this version."""

    @abc.abstractmethod
    def imports(self, entry: str) -> list[str]:
        """Addresses of what an entry imports at once, to be loaded beside it."""

    def url(self, name: str) -> str:
        """The address of a file, relative to the page; raises KeyError for one that does not exist."""
        if self.find(name) is None:
            raise KeyError(name)
        return f"static/{self.version}/{name}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve ``/static/<version>/<name>``; another version gets today's file, uncached."""
        _, _, file = scope["path"].partition("/static/")
        wanted, _, name = file.partition("/")
        asset = self.find(name)
        if asset is None or scope["method"] not in ("GET", "HEAD"):
            missing = NotFound("path", scope["path"][:80], "no such file is served", "Open / for the page.")
            await problems.response(missing)(scope, receive, send)
            return
        await asset.answer(scope, self.cache(wanted))(scope, receive, send)


class Written(Assets):
    """Modules and style sheets as they are written: an edit is served with the next request."""

    version = "written"
    follows_edits = True

    def __init__(self, folder: Path, made: Mapping[str, bytes]) -> None:
        super().__init__(made)
        self._folder = folder.resolve()

    def find(self, name: str) -> Asset | None:
        """A file as it is now; its address is followed within the folder only."""
        media_type = MEDIA_TYPES.get(Path(name).suffix)
        if name in self.made or media_type is None or "\0" in name:
            return self.made.get(name)
        try:
            path = (self._folder / name).resolve()
            if not path.is_relative_to(self._folder) or not path.is_file():
                return None
            body = path.read_bytes()
        except OSError:  # a name that no file can have, or one that goes at this moment
            return None
        return Asset.of(body, media_type, encoded(body, QUICK))

    def cache(self, version: str) -> str:
        """Nothing is used again before the server was asked."""
        return REVALIDATE

    def imports(self, entry: str) -> list[str]:
        """None: the browser reads the modules one after another."""
        return []


class Built(Assets):
    """What ``tools/build.js`` made, read once, with the twins that lie beside each file."""

    def __init__(self, folder: Path, made: Mapping[str, bytes]) -> None:
        super().__init__(made)
        manifest = built.manifest(folder)
        self._entries = cast(Mapping[str, list[str]], manifest["entries"])
        bodies = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        del bodies[built.MANIFEST]
        digest = hashlib.sha256()
        for name, body in [*bodies.items(), *made.items()]:
            digest.update(name.encode() + b"\0" + body)
        self.version = digest.hexdigest()[:12]
        self._files = {
            name: Asset.of(
                body,
                MEDIA_TYPES[Path(name).suffix],
                {coding: bodies[name + end] for coding, end in ENDINGS.items() if name + end in bodies},
            )
            for name, body in bodies.items()
            if not name.endswith(tuple(ENDINGS.values()))
        }

    def find(self, name: str) -> Asset | None:
        """A file of the build."""
        return self._files.get(name) or super().find(name)

    def cache(self, version: str) -> str:
        """For ever, by the version that stands for what all files hold."""
        return FOR_EVER if version == self.version else "no-store"

    def imports(self, entry: str) -> list[str]:
        """As the build says."""
        return [self.url(name) for name in self._entries[entry]]


def assets_of(wanted: str, made: Mapping[str, bytes]) -> Assets:
    """The page's files in the form that ``CONVSCOPE_PAGE`` asks for."""
    if form_of(wanted) == "built":
        return Built(home(built.FOLDER), made)
    return Written(home("static"), made)
