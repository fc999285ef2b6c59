"""How this server logs: one JSON object a line, or words for a terminal. Knows no route; never sees a body."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any, TextIO

from .exchange import CURRENT

ACCESS = "convscope.access"
# Fields that a record of ours may carry beside its words; nothing else of a record is written.
FIELDS = ("method", "route", "status", "duration_ms", "code", "jobs", "frames", "bytes", "seconds", "pid")


# Characters that a terminal obeys (C0 and C1, with ESC and CSI), that end a line, or that turn the direction of text.
_OBEYED = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def harmless(text: str) -> str:
    """Text with what a terminal or a reader of lines would obey written out: ``\\x1b[31m``."""
    return _OBEYED.sub(lambda found: repr(found[0])[1:-1], text)


class TextLines(logging.Formatter):
    """A record as one line, and what was raised below it, set in: no line can be forged by what a record tells."""

    def format(self, record: logging.LogRecord) -> str:
        """Level, logger and words."""
        lines = [f"{record.levelname} {record.name}: {harmless(record.getMessage())}"]
        if record.exc_info:
            lines += [f"    {harmless(line)}" for line in self.formatException(record.exc_info).split("\n")]
        return "\n".join(lines)


class JsonLines(logging.Formatter):
    """A record as one line of JSON, with the id of the request that it belongs to."""

    def format(self, record: logging.LogRecord) -> str:
        """Time in UTC, level, logger, words, and what else is known."""
        exchange = CURRENT.get()
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if exchange is not None:
            line["request_id"] = exchange.id
        line.update((name, record.__dict__[name]) for name in FIELDS if record.__dict__.get(name) is not None)
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return _OBEYED.sub(_in_json, json.dumps(line, ensure_ascii=False, default=str))


def _in_json(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def install(kind: str) -> None:
    """Log to standard error: ``json`` tells every request, ``text`` only what is wrong."""
    every = kind == "json"
    handler = _Ours()
    handler.setFormatter(JsonLines() if every else TextLines())
    root = logging.getLogger()
    root.handlers[:] = [other for other in root.handlers if not isinstance(other, _Ours)] + [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("convscope").setLevel(logging.INFO if every else logging.WARNING)


class _Ours(logging.StreamHandler[TextIO]):
    """Our one handler, known by its type, so that a second application in a process does not double it."""
