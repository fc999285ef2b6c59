"""The directory that uploads are kept in: whose it is, where it lies, what its servers share. Knows no upload."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import sys
from collections.abc import Mapping
from pathlib import Path

SECRET_BYTES = 32
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def home_of_uploads(environment: Mapping[str, str] = os.environ) -> Path | None:
    """A folder of this user's own, where nobody else can have put anything: the user's cache.

    Never one with a known name in the common temporary folder, which anyone could have made before. None for a
    user without a home.
    """
    if named := environment.get("XDG_CACHE_HOME"):
        cache = Path(named)
        if cache.is_absolute():  # as the specification says: a relative one is ignored
            return cache / "convscope" / "uploads"
    if sys.platform == "win32" and (named := environment.get("LOCALAPPDATA")):
        return Path(named) / "convscope" / "uploads"
    try:
        home = Path(environment["HOME"]) if environment.get("HOME") else Path.home()
    except RuntimeError:
        return None
    cache = home / ("Library/Caches" if sys.platform == "darwin" else ".cache")
    return cache / "convscope" / "uploads"


def prepared(path: Path, *, private: bool) -> None:
    """Make the directory; raises OSError when it cannot be, or when it is a link, another user's, or open to all.

    With ``private`` it is made this user's alone. One that root gave, such as a volume, counts as this user's.
    """
    if not path.is_symlink():
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not hasattr(os, "geteuid"):
        return
    status = path.lstat()
    if not stat.S_ISDIR(status.st_mode):
        raise PermissionError(None, "the directory of uploads is a link, and could lead anywhere")
    if status.st_uid not in ({os.geteuid()} if private else {os.geteuid(), 0}):
        raise PermissionError(None, "the directory of uploads belongs to somebody else")
    if private and status.st_mode & _OTHERS:
        path.chmod(0o700)
    elif status.st_mode & stat.S_IWOTH:
        raise PermissionError(None, "everyone can write to the directory of uploads")


def shared_secret(file: Path, fresh: bytes | None = None) -> bytes:
    """The bytes in a file that this user alone can read, made by whichever process comes first.

    It is written beside and linked into place, so that nobody ever reads half of it.
    """
    with contextlib.suppress(FileNotFoundError):
        return _read(file)
    mine = file.with_name(f"{file.name}.{secrets.token_hex(8)}.tmp")
    handle = os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(fresh or secrets.token_bytes(SECRET_BYTES))
        _into_place(mine, file)
    finally:
        mine.unlink(missing_ok=True)
    return _read(file)


def _into_place(mine: Path, file: Path) -> None:
    try:
        os.link(mine, file)
    except FileExistsError:
        return  # another process was first
    except OSError:  # a file system without links
        if not file.exists():
            mine.replace(file)


def _read(file: Path) -> bytes:
    handle = os.open(file, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    with os.fdopen(handle, "rb") as stream:
        secret = stream.read(SECRET_BYTES + 1)
    if len(secret) != SECRET_BYTES:
        raise OSError(None, "the secret beside the uploads is damaged: delete it")
    return secret
