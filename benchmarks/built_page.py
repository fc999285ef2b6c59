"""The page that ``node tools/build.js`` builds, in Chromium: the beginning of each benchmark of a room."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from . import chromium as browsers
from .machine import describe
from .server import Server


@contextmanager
def built_page(view: dict[str, Any]) -> Iterator[tuple[Server, browsers.Chromium]]:
    """A server of the built page, and a browser whose window has the size ``view``; ends the program without one."""
    executable = browsers.find()
    if executable is None:
        raise SystemExit("no Chromium was found; set CONVSCOPE_CHROMIUM")
    print(describe())
    server = Server(environment={"CONVSCOPE_PAGE": "built"})
    try:
        with browsers.Chromium(executable) as browser:
            browser.call("Emulation.setDeviceMetricsOverride", **view)
            yield server, browser
    finally:
        server.stop()
