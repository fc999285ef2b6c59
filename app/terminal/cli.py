"""The command line: serve, figure, and the commands of ``commands``. Knows arguments and files; the app the rest."""

from __future__ import annotations

import argparse
import errno
import ipaddress
import os
import socket
import sys
import tempfile
import threading
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .. import __version__
from ..core.errors import Problem, counted
from ..figures.writers.formats import DEFAULT, FORMATS
from ..settings import Settings
from .arguments import add_words
from .bar import Bar
from .commands import (
    add_commands,
    add_image,
    given_body,
    media_of,
    tell_notes,
    with_image,
)
from .endings import failed
from .forecast import add_forecast
from .lessons import add_lessons
from .train import add_train

if TYPE_CHECKING:
    from ..web.stream.jobs import Services

# Of a file, to its form; where two forms end alike, the one of that name.
ENDINGS = {**{form.ending: name for name, form in FORMATS.items()}, **{name: name for name in FORMATS}}
COUNTS = "PROMETHEUS_MULTIPROC_DIR"  # where workers keep their counts
INTERRUPTED = 130  # as a shell tells of a program that Ctrl-C ended
REQUESTS = 0.5  # the share of the time to stop in which requests that are being answered end


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit status."""
    parser = argparse.ArgumentParser(
        prog="convscope",
        description="Watch a convolution slide over your own image, with the real numbers.",
        epilog="Exit status: 0 done, 1 refused or failed, 2 misspelt, 130 interrupted.",
    )
    parser.add_argument("--version", action="version", version=f"convscope {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    serve = commands.add_parser("serve", help="serve the page and the API")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    serve.add_argument(
        "--port", type=_port, default=8000, help="port; 0 takes a free one (default: %(default)s)"
    )
    serve.add_argument("--workers", type=_workers, default=1, help="processes (default: %(default)s)")
    serve.add_argument("--open", action="store_true", help="open the page in a browser")
    serve.set_defaults(run=_serve)
    figure = commands.add_parser("figure", help="draw a figure from a request in a file")
    add_words(figure, "figure")
    add_image(figure)
    figure.add_argument(
        "-o", "--output", required=True, metavar="FILE", help="the file to write; - prints it"
    )
    figure.add_argument(
        "--format",
        choices=tuple(FORMATS),
        help="svg, pdf, …; left out, by the ending of FILE, or as SPEC.json says",
    )
    figure.add_argument("--json", action="store_true", help="tell refusals as the API does")
    figure.add_argument("-q", "--quiet", action="store_true", help="show no progress")
    figure.set_defaults(run=_figure)
    add_commands(commands)
    add_train(commands)
    add_forecast(commands)
    add_lessons(commands)
    options = parser.parse_args(arguments)
    try:
        status: int = options.run(options)
    except KeyboardInterrupt:
        return INTERRUPTED
    return status


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text} is no port: use 0 to 65535")
    return int(text)


def _workers(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 64:
        raise argparse.ArgumentTypeError(f"{text} is no number of workers: use 1 to 64")
    return int(text)


def _serve(options: argparse.Namespace) -> int:
    # These matrix products are too small for BLAS' own threads: they do not help and ruin the tail under
    # load. NumPy reads it when it is first imported, workers included.
    _set_unless_set("OPENBLAS_NUM_THREADS", "1")
    # Set to nothing it would have the counts of workers written into the current directory.
    if not os.environ.get(COUNTS):
        os.environ.pop(COUNTS, None)
    import uvicorn

    settings = Settings.from_environment()
    from ..web.assets.assets import form_of

    form_of(settings.page)  # which refuses a page that is not there before anything listens
    _steady_memory()
    host = options.host.removeprefix("[").removesuffix("]")  # as addresses have it, and as a person copies it
    try:
        listener = _listen(host, options.port)
    except OSError as error:
        return failed(_not_listening(host, options.port, error))
    port = listener.getsockname()[1]
    url = _url_of(listener)
    listeners = [listener]
    if settings.inside_port:
        try:
            listeners.append(_listen(host, settings.inside_port))
        except OSError as error:
            reason = error.strerror or str(error)
            return failed(f"CONVSCOPE_INSIDE_PORT = {settings.inside_port}: cannot listen there: {reason}.")
    from ..web.http.wire import Bounds, WireConfig

    wanted = Bounds.of(settings)
    bounds = wanted.within(_room_for(wanted.files))
    if bounds != wanted:
        needed = counted(wanted.connections, "connection")
        reason = f"this system allows too few open files for {needed}: it has room for {bounds.connections:,}"
        print(f"convscope: {reason}. Raise it with ulimit -n.", file=sys.stderr)
    config = WireConfig(
        f"{__package__.rpartition('.')[0]}.main:create_app",
        bounds,
        factory=True,
        host=host,
        port=port,
        workers=options.workers,
        proxies=settings.proxies,
        # Compression costs half the jobs, and the numbers hardly shrink.
        ws_per_message_deflate=False,
        ws_max_size=settings.body_bytes,
        ws_max_queue=16,
        ws_ping_interval=20,
        ws_ping_timeout=20,
        timeout_graceful_shutdown=max(1, int(settings.drain_s * REQUESTS)),
        log_config=None,  # the application's, in each worker
        access_log=False,
        proxy_headers=False,  # the application's matter, which believes only proxies that are named
        server_header=False,
    )
    server = uvicorn.Server(config)
    print(f"Convscope is at {url}", flush=True)
    print(_who_may(settings), flush=True)
    if options.open:
        threading.Timer(1.0, webbrowser.open, [url]).start()
    if options.workers > 1:
        from uvicorn.supervisors import Multiprocess

        with tempfile.TemporaryDirectory(prefix="convscope-counts-") as counts:
            os.environ[COUNTS] = counts  # for /metrics to tell the sum of all workers
            Multiprocess(config, sockets=listeners).run()
    else:
        try:
            server.run(sockets=listeners)
        except KeyboardInterrupt:
            return 0
    return 0 if server.started or options.workers > 1 else 1


def _who_may(settings: Settings) -> str:
    """Who may use the server, so that a token that was misspelt or forgotten is seen when it starts."""
    lines = ["It asks for a token." if settings.token else "It is open to everyone who reaches it."]
    for proxy in settings.wide_proxies():
        count = ipaddress.ip_network(proxy).num_addresses
        lines.append(
            f"CONVSCOPE_PROXIES = {proxy}: {count:,} addresses may say for whom they ask. "
            "Name your proxies' own, unless nobody else there reaches this server."
        )
    return "\n".join(lines)


def _figure(options: argparse.Namespace) -> int:
    """Draw a figure and write it in one go, so that a stopped export leaves no half file behind."""
    from pydantic import ValidationError

    from ..web.http.problems import from_validation

    try:
        data = _drawn(given_body("figure", options), options)
        if options.output == "-":
            sys.stdout.buffer.write(data)
        else:
            Path(options.output).write_bytes(data)
    except ValidationError as error:
        return _refused(from_validation(list(error.errors())), options)
    except Problem as problem:
        return _refused(problem, options)
    except argparse.ArgumentTypeError as error:
        failed(str(error))
        return 2
    except OSError as error:
        return failed(f"{error.filename}: {error.strerror}")
    return 0


def _refused(problem: Problem, options: argparse.Namespace) -> int:
    from pydantic_core import to_json

    if options.json:
        print(to_json(problem.to_json(), inf_nan_mode="strings").decode(), file=sys.stderr)
        return 1
    return failed(problem.detail)


def _form_of(options: argparse.Namespace) -> str | None:
    given: str | None = options.format
    return given or ENDINGS.get(Path(options.output).suffix.removeprefix(".").lower())


def _drawn(spec: bytes, options: argparse.Namespace) -> bytes:
    """The file of a request, with a bar on standard error while it takes long."""
    import anyio
    from pydantic_core import to_json

    from ..web.routes.figures import FigureRequest, export_of
    from ..web.stream.jobs import Services

    services = Services.of(Settings.from_environment())
    if options.image:
        picture = Path(options.image)
        spec = with_image(
            spec, _kept(picture.read_bytes(), media_of(picture), services, options), options.size
        )
    body = FigureRequest.model_validate_json(spec)
    form = _form_of(options)
    export = anyio.run(export_of, body, form or body.format or DEFAULT, services)
    with Bar(shown=not (options.quiet or options.json)) as bar:
        for done, piece in enumerate(export.pieces(), start=1):
            piece.make()
            bar.tell(done, export.count)
    if export.result:
        return export.result
    assert export.about is not None, "an export that is done can say what it shows"
    return to_json(export.about.to_json(), indent=2) + b"\n"


def _steady_memory() -> None:
    """Let threads share two arenas of glibc: with one each, what large pictures needed once stays taken in all."""
    if _set_unless_set("MALLOC_ARENA_MAX", "2") != "2" or sys.platform != "linux":
        return
    import ctypes

    mallopt = getattr(
        ctypes.CDLL(None), "mallopt", None
    )  # the variable is read by workers, which start later
    if mallopt is not None:
        mallopt(-8, 2)  # M_ARENA_MAX


def _room_for(wanted: int) -> int:
    """Let this process and its workers open so many files, as far as that is allowed; how many they may."""
    if sys.platform == "win32":
        return wanted
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted


def _kept(data: bytes, media: str, services: Services, options: argparse.Namespace) -> str:
    """The id under which a picture or array is kept."""
    from ..images.read.pool import read_upload

    picture = read_upload(data, media, services.limits)
    tell_notes(picture.notes, options)
    return services.store.put(picture.pixels, picture.mode).id


def _set_unless_set(name: str, value: str) -> str:
    """The value of a variable; one that is not set, or set to nothing, gets this one."""
    found = os.environ.get(name) or value
    os.environ[name] = found
    return found


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket, so that port 0 and a port in use are known before anything is printed."""
    found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, _, _, _, address = min(found, key=lambda one: one[0] != socket.AF_INET)  # a name may have both
    # Named as TCP, since asyncio sends small packets at once only on a socket that is: otherwise every second
    # answer waits 40 ms for the acknowledgement of the one before.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:  # all addresses means those of IPv4 too, whatever the system's habit
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    try:
        listener.bind(address)
        listener.listen(2048)
    except OSError:
        listener.close()
        raise
    listener.set_inheritable(True)
    return listener


def _url_of(listener: socket.socket) -> str:
    """An address of the server that a browser on this machine can open."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - told apart, not listened on
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _not_listening(host: str, port: int, error: OSError) -> str:
    """Why a server cannot listen, and what to change: the host or the port."""
    remedy = "Use another --port, or --port 0 for a free one."
    if isinstance(error, socket.gaierror) or error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
        remedy = (
            "Use a --host that is this machine's: 127.0.0.1 for itself alone, 0.0.0.0 or :: for all others."
        )
    elif error.errno in (errno.EACCES, errno.EPERM):
        remedy = "Use a --port from 1024 on, or --port 0 for a free one."
    return f"cannot listen on {host}, port {port}: {error.strerror or error}. {remedy}"
