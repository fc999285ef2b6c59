"""The command line: ``convscope serve``. Knows how to start a server; the server knows the rest."""

from __future__ import annotations

import argparse
import logging
import os
import socket
import sys
import threading
import webbrowser
from collections.abc import Sequence

from . import __version__

DRAIN_S = 10  # how long a stopping server waits for its connections


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit status."""
    parser = argparse.ArgumentParser(
        prog="convscope", description="Watch a convolution slide over your own image, with the real numbers."
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
    return _serve(parser.parse_args(arguments))


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
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    import uvicorn

    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        listener = _listen(options.host, options.port)
    except OSError as error:
        reason = error.strerror or str(error)
        print(
            f"convscope: cannot listen on {options.host}:{options.port}: {reason}. "
            "Use another --port, or --port 0 for a free one.",
            file=sys.stderr,
        )
        return 1
    port = listener.getsockname()[1]
    shown = f"[{options.host}]" if ":" in options.host else options.host
    url = f"http://{shown}:{port}"
    config = uvicorn.Config(
        f"{__package__}.main:create_app",
        factory=True,
        host=options.host,
        port=port,
        workers=options.workers,
        # h11 and websockets: both bound what a peer can make them hold; compression costs half the jobs.
        http="h11",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_max_size=24 * 1024 * 1024,
        ws_max_queue=16,
        ws_ping_interval=20,
        ws_ping_timeout=20,
        timeout_graceful_shutdown=DRAIN_S,
        log_level="warning",
        access_log=False,
        server_header=False,
    )
    server = uvicorn.Server(config)
    print(f"Convscope is at {url}", flush=True)
    if options.open:
        threading.Timer(1.0, webbrowser.open, [url]).start()
    if options.workers > 1:
        from uvicorn.supervisors import Multiprocess

        Multiprocess(config, sockets=[listener]).run()
    else:
        try:
            server.run(sockets=[listener])
        except KeyboardInterrupt:
            return 0
    return 0 if server.started or options.workers > 1 else 1


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket, so that port 0 and a port in use are known before anything is printed."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError:
        listener.close()
        raise
    listener.set_inheritable(True)
    return listener
