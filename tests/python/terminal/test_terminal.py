"""Long work at a terminal: a bar that moves, and Ctrl-C, which ends it at once with the status that shells know."""

from __future__ import annotations

import errno
import io
import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.terminal.bar import Bar

from ..conftest import ROOT

LONG = {
    "layers": [{"operation": "convolution", "kernel": 15, "filters": 48}],
    "source": {"kind": "noise", "shape": [3, 1024, 1024]},
}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


# As from a terminal: what a shell starts in the background inherits that Ctrl-C is ignored.
HEEDING = """
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
runpy.run_module("app", run_name="__main__", alter_sys=True)
"""


def _started(folder: Path, words: list[str], errors: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", HEEDING, *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "CONVSCOPE_UPLOADS": str(folder / "uploads")},
        stdout=subprocess.DEVNULL,
        stderr=errors,
    )


def _read_until(master: int, sign: str) -> str:
    found = b""
    while sign.encode() not in found:
        found += os.read(master, 4096)
    return found.decode()


def _read_to_the_end(master: int) -> str:
    """The remaining output, once nobody has the other side open any more: Linux says so by an error."""
    found = b""
    try:
        while piece := os.read(master, 4096):
            found += piece
    except OSError as error:
        if error.errno != errno.EIO:
            raise
    return found.decode()


def test_a_long_run_shows_how_far_it_is_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    master, slave = pty.openpty()
    (tmp_path / "long.json").write_text(json.dumps(LONG), encoding="utf-8")
    process = _started(tmp_path, ["run", "long.json", "-o", "out.npy"], slave)
    os.close(slave)
    try:
        shown = _read_until(master, " of 48480")
        assert "░" in shown
        process.send_signal(signal.SIGINT)
        printed = _read_to_the_end(master)  # first: nobody ends who still has to write, and is not read
        assert process.wait(60) == 130
    finally:
        process.kill()
        process.wait()
        os.close(master)
    assert printed.endswith("\n"), "the prompt has a line of its own"
    assert "Traceback" not in shown + printed
    assert not (tmp_path / "out.npy").exists()


def test_nothing_but_answers_where_no_person_watches() -> None:
    for shown, stream in ((True, io.StringIO()), (False, Terminal())):
        with Bar(shown=shown, stream=stream) as bar:
            for done in range(1, 11):
                bar.tell(done, 10)
        assert stream.getvalue() == ""


def test_a_thread_that_works_on_after_the_end_is_not_shown() -> None:
    terminal = Terminal()
    with Bar(shown=True, stream=terminal) as bar:
        bar.tell(1, 1000)
    bar.tell(2, 1000)
    assert terminal.getvalue().endswith("1 of 1000\n")


@pytest.mark.parametrize(("pieces", "lines"), [(1, 0), (2, 0), (3, 1), (40, 1)])
def test_a_bar_comes_with_what_takes_a_while(pieces: int, lines: int) -> None:
    terminal = Terminal()
    with Bar(shown=True, stream=terminal) as bar:
        for done in range(1, pieces + 1):
            bar.tell(done, pieces)
    printed = terminal.getvalue()
    assert printed.count("\n") == lines
    assert lines == 0 or printed.endswith(f"{pieces} of {pieces}\n")
