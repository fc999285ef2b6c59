"""A site behind a real nginx that has Convscope below one of its paths, by the file that is shipped for it."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .services import running_nginx
from .serving import Server, running_server

ROOT = Path(__file__).resolve().parents[1]
SNIPPET = ROOT / "deploy" / "below-a-path.conf"
SITE = """
worker_processes 1;
pid /tmp/nginx.pid;
error_log stderr warn;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path /tmp/nginx-body;
    proxy_temp_path /tmp/nginx-proxy;
    fastcgi_temp_path /tmp/nginx-fastcgi;
    uwsgi_temp_path /tmp/nginx-uwsgi;
    scgi_temp_path /tmp/nginx-scgi;
    server {{
        listen 8080;
        location / {{ return 200 "another part of the site"; }}
        {snippet}
    }}
}}
"""


@dataclass(frozen=True)
class Site:
    """The site's address, that of Convscope below it, and the server itself."""

    url: str
    home: str
    server: Server


@contextlib.contextmanager
def running_site(folder: Path) -> Iterator[Site]:
    """A server, and nginx before it, until the block ends."""
    environment = {
        **os.environ,
        "CONVSCOPE_UPLOADS": str(folder / "uploads"),
        "CONVSCOPE_PROXIES": "127.0.0.1",
    }
    command = [sys.executable, "-m", "app", "serve", "--port", "0"]
    folder.mkdir(parents=True, exist_ok=True)
    with running_server(command, cwd=ROOT, log=folder / "server.log", env=environment) as server:
        own = server.url.removeprefix("http://")
        snippet = SNIPPET.read_text(encoding="utf-8").replace("127.0.0.1:8000", own)
        with running_nginx(folder / "nginx", SITE.format(snippet=snippet), ()) as nginx:
            url = f"http://127.0.0.1:{nginx.port}"
            yield Site(url, f"{url}/convscope", server)
