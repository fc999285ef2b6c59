"""How a command ends where something is wrong: a line on standard error, and a status. Knows no command."""

from __future__ import annotations

import argparse
import functools
import json
import sys
from collections.abc import Callable

from ..core.errors import Problem

Command = Callable[[argparse.Namespace], int]


def failed(words: str, status: int = 1) -> int:
    """Say on standard error why a command fails; the status to end with."""
    print(f"convscope: {words}", file=sys.stderr)
    return status


def guarded(command: Command) -> Command:
    """A command whose refusals and failing files are told, and not raised."""

    @functools.wraps(command)
    def ended(options: argparse.Namespace) -> int:
        try:
            return command(options)
        except argparse.ArgumentTypeError as error:
            return failed(str(error), 2)
        except Problem as problem:
            if not options.json:
                return failed(problem.detail)
            print(json.dumps(problem.to_json(), ensure_ascii=False), file=sys.stderr)
            return 1
        except OSError as error:
            return failed(f"{error.filename}: {error.strerror}")

    return ended
