"""Frozen limits and options of one server, read from CONVSCOPE_* variables. Knows no request."""

from __future__ import annotations

import dataclasses
import difflib
import ipaddress
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from .images.read.limits import Limits
from .images.store.folder import home_of_uploads

LOGS = ("text", "json")
PAGES = ("auto", "written", "built")
LEAST_TOKEN = 12  # characters
MOST_PORT = 65_535
MOST_PROXIES = 256  # addresses of a network that may be proxies all of them
LEAST_DIFFERENT = 6  # of them
TOKEN = re.compile(r"(?=.*[A-Za-z])[\w.~-]{12,200}\Z", re.ASCII)
HOST = re.compile(r"(\*\.)?[\w.:\[\]-]+\Z", re.ASCII)
# The numbers that may be 0: as many threads as processors, no port, no wait, no uploads. Any other at 0 refuses all.
MAY_BE_ZERO = frozenset(
    (
        "threads",
        "inside_port",
        "rest_s",
        "drain_s",
        "drain_notice_s",
        "upload_bytes",
        "model_bytes",
        "store_bytes",
        "client_bytes",
        "links_bytes",
    )
)


@dataclass(frozen=True, slots=True)
class Settings:
    """Every number that bounds what a request can cost; the variable of a field is CONVSCOPE_ and its name."""

    # Where uploads are kept: a directory, or what replicas share, redis://host:6379/0 or s3://bucket/prefix.
    uploads: Path | str = field(default_factory=lambda: _own_folder(os.environ))
    upload_bytes: int = 20_000_000  # largest body of an uploaded picture or array
    model_bytes: int = (
        64_000_000  # largest body of a model or of its weights, and largest weights that are kept
    )
    upload_pixels: int = 40_000_000  # largest decoded picture
    decode_bytes: int = 500_000_000  # memory of a process that decodes one picture
    decode_s: int = 20  # how long decoding one picture may take, by the clock
    store_bytes: int = 1_000_000_000  # all uploads together
    client_bytes: int = 500_000_000  # the uploads of one client together
    client_uploads: int = 2_000  # and their number; each counts with 4 KiB at least
    links_bytes: int = (
        200_000_000  # all short links together, 8 KiB and 4 KiB for each owner at least; 0: none
    )
    client_links: int = 2_000  # short links of one client
    picture_bytes: int = (
        32_000_000  # of pictures that this server drew and keeps in memory: links', the handbook's
    )
    store_age_s: int = 7 * 24 * 3600  # how long an upload is kept
    body_bytes: int = 4_000_000  # largest JSON body or socket message; larger arrays come as uploads
    intake_bytes: int = 200_000_000  # all bodies that arrive at once, together
    answer_bytes: int = (
        400_000_000  # all that is held of large answers while they are made and read, together
    )
    train_bytes: int = 1_000_000_000  # all experiments that are computed or read, together
    working_size: int = 1024  # longest side of a picture after resampling
    input_cells: int = 4_194_304  # channels × sizes of one input: 1024 × 1024 × 4
    output_cells: int = 67_108_864  # lanes × steps of one run: 64 maps of 1024 × 1024
    work: int = 40_000_000_000  # multiply-adds of one run
    activation_bytes: int = (
        128_000_000  # of outputs of layers that are kept, so that they are not computed again
    )
    json_cells: int = 2_000_000  # numbers in one JSON answer
    figure_cells: int = 10_000  # cells drawn in one exported picture
    figure_pixels: int = 40_000_000  # of one exported picture
    figure_work: int = 5_000_000  # products that are replayed for a figure
    figure_frames: int = 600  # of an exported animation
    figure_frame_cells: int = 400_000  # cells drawn in all frames of an animation together
    figure_frame_pixels: int = 200_000_000  # pixels of all frames of an animation together
    threads: int = 0  # computing threads; 0 is as many as processors
    queue: int = 256  # pieces of work that wait for a thread; with more, new requests are turned away
    compute_s: int = 60  # computing time of one request or job
    train_s: int = 600  # and of one experiment, which ends then as it stands
    connections: int = 1000  # open sockets of one process
    client_connections: int = 750  # and of one address: a campus may be one
    # The work that one address may ask for, in units of about a millisecond of a core: a second, and at once.
    client_rate: int = 2000
    client_burst: int = 40_000
    socket_rate: int = 100  # messages a second that one socket's are read at
    head_s: int = 10  # for a request's head to arrive
    body_s: int = 20  # for a body to arrive, and longer when it comes faster than body_rate
    body_rate: int = 16_000  # bytes a second
    hosts: tuple[str, ...] = ()  # names that it answers to, beside those that nobody can register
    proxies: tuple[
        str, ...
    ] = ()  # addresses and networks whose X-Forwarded-For, -Proto and -Prefix are believed
    inside_port: int = 0  # where /metrics and /readyz answer and nothing else does; 0 is nowhere: as all else
    token: str = ""  # what the API asks for; empty asks for nothing
    idle_s: int = 900  # a socket without a job, and an answer that is not read, are given up after so long
    rest_s: int = 5  # a job that sends no frame for so long lets go of its tensors until the next is wanted
    drain_s: int = 10  # a server that was told to stop ends within this time
    drain_notice_s: int = 0  # before that it only says so in /readyz, for a balancer to look elsewhere
    embed_ancestors: str = "*"  # whose pages may frame /embed, as frame-ancestors has it; 'none' for nobody
    cors_origins: str = ""  # whose pages may call the API: origins with blanks between, or *
    lessons: Path | None = None  # a folder of lessons beside ours
    public_url: str = ""  # where people reach this server, with its path; left out, as they asked for it
    # The page's modules as they are written, or as tools/build.js built them; auto: as they are, where they are.
    page: Literal["auto", "written", "built"] = "auto"
    log: Literal["text", "json"] = "text"  # words for a terminal, or every request as a line of JSON

    @property
    def uploads_private(self) -> bool:
        """Whether uploads lie where they lie by default: there nobody else has any business."""
        return self.uploads == home_of_uploads()

    def wide_proxies(self) -> tuple[str, ...]:
        """Those of the trusted networks that are too large to hold proxies only."""
        return tuple(one for one in self.proxies if ipaddress.ip_network(one).num_addresses > MOST_PROXIES)

    def image_limits(self) -> Limits:
        """The bounds of pictures and arrays."""
        return Limits(
            upload_bytes=self.upload_bytes,
            upload_pixels=self.upload_pixels,
            decode_bytes=self.decode_bytes,
            decode_s=self.decode_s,
            working_size=self.working_size,
            input_cells=self.input_cells,
        )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Settings with the CONVSCOPE_* variables applied; a number that is none is refused by name.

        A variable that is set to nothing counts as left out: that is how compose files and shells leave one out.
        """
        changes: dict[str, Any] = {}
        _refuse_unknown(environment, {f"CONVSCOPE_{item.name.upper()}" for item in dataclasses.fields(cls)})
        for item in dataclasses.fields(cls):
            name = f"CONVSCOPE_{item.name.upper()}"
            text = environment.get(name, "").strip()
            if not text:
                continue
            if item.name in WORDS:
                changes[item.name] = WORDS[item.name](name, text)
                continue
            try:
                number = int(text)
            except ValueError:
                raise SystemExit(f"{name} = {text}: this is no whole number. Use digits only.") from None
            if item.name == "inside_port" and number > MOST_PORT:
                raise SystemExit(f"{name} = {text}: this is no port. Use 1 to {MOST_PORT}.")
            least = 0 if item.name in MAY_BE_ZERO else 1
            if number < least:
                reason = "a limit cannot be negative" if number < 0 else "this would refuse everything"
                raise SystemExit(f"{name} = {text}: {reason}. Use {least} or more, or leave it out.")
            changes[item.name] = number
        uploads = changes.pop("uploads", None) or _own_folder(environment)
        return dataclasses.replace(cls(uploads=uploads), **changes)


# Variables that are no setting of the server: ./run and ./check read the first two, and Kubernetes gives every
# container the addresses of services whose names begin like ours.
TOOLS = frozenset(("CONVSCOPE_PYTHON", "CONVSCOPE_CHROMIUM"))
SERVICE = re.compile(r"CONVSCOPE_(\w+_)?(SERVICE_(HOST|PORT)(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_\w+)?)\Z")
SERVICE_PORT = re.compile(r"(tcp|udp|sctp)://")
ALIKE = 0.9  # of 1: so much of a name without our prefix must be as in a setting's to be taken for that


def _refuse_unknown(environment: Mapping[str, str], known: set[str]) -> None:
    """Refuse a variable that is meant for this server and is none of its settings: what it was to set is not set."""
    for name, text in environment.items():
        upper = name.upper()
        if not text.strip() or name in known | TOOLS or SERVICE.match(name):
            continue  # a variable that is set to nothing sets nothing
        if upper.startswith("CONVSCOPE"):
            if upper.endswith("_PORT") and SERVICE_PORT.match(text):
                continue
            near = difflib.get_close_matches(upper, sorted(known), 1, 0)
        elif "SCOPE" in upper or upper.startswith("CONV"):
            near = difflib.get_close_matches(upper, sorted(known), 1, ALIKE)
        else:
            continue
        if near:
            raise SystemExit(
                f"{name}: no setting has this name. Is {near[0]} meant? Spell it so, or unset it."
            )


def _place(name: str, text: str) -> Path | str:
    return text if "://" in text else Path(text).expanduser()


def _folder(name: str, text: str) -> Path:
    folder = Path(text).expanduser()
    if not folder.is_dir():
        raise SystemExit(f"{name} = {text}: there is no such folder. Make it, or unset this.")
    return folder


def _form_of_log(name: str, text: str) -> str:
    if text not in LOGS:
        raise SystemExit(f"{name} = {text}: no such form of log is known. Use {' or '.join(LOGS)}.")
    return text


def _page(name: str, text: str) -> str:
    if text not in PAGES:
        raise SystemExit(f"{name} = {text}: the page is served in no such form. Use {', '.join(PAGES)}.")
    return text


def _token(name: str, text: str) -> str:
    if text and (not TOKEN.match(text) or len(set(text)) < LEAST_DIFFERENT or text.startswith("day.")):
        raise SystemExit(
            f"{name}: a token is {LEAST_TOKEN} to 200 letters, digits and . _ ~ -, which travel as they are. Not "
            f"digits alone, {LEAST_DIFFERENT} different ones or more, and no token of one day (day.…): "
            "it must not be guessed."
        )
    return text


def _hosts(name: str, text: str) -> tuple[str, ...]:
    hosts = tuple(part.strip().lower() for part in text.split(",") if part.strip())
    for host in hosts:
        if host != "*" and not HOST.match(host):
            raise SystemExit(f"{name} = {host}: this is no name of a host. Use a.example, *.b.example or *.")
    return hosts


def _networks(name: str, text: str) -> tuple[str, ...]:
    networks = tuple(part.strip() for part in text.split(",") if part.strip())
    for network in networks:
        try:
            ipaddress.ip_network(network)
        except ValueError:
            reason = "this is no address and no network. Use 10.0.0.7 or 10.0.0.0/8."
            raise SystemExit(f"{name} = {network}: {reason}") from None
    return networks


_ORIGIN = r"https?://[A-Za-z0-9.-]+(:\d{1,5})?"
PATH = r"(/[\w~-][\w.~-]*)*"  # below which a server may lie, without a slash at its end
_ANCESTOR = r"\*|'self'|'none'|https?:|https?://(\*\.)?[A-Za-z0-9.-]+(:(\d{1,5}|\*))?"


def _origins(form: str, example: str) -> Callable[[str, str], str]:
    def read(name: str, text: str) -> str:
        for word in text.replace(",", " ").split():
            if not re.fullmatch(form, word):
                raise SystemExit(f"{name} = {text}: {word} is no origin. Use {example}.")
        return " ".join(text.replace(",", " ").split())

    return read


def _public_url(name: str, text: str) -> str:
    if text and not re.fullmatch(rf"{_ORIGIN}{PATH}/?", text, re.ASCII):
        reason = "this is no address of a server. Use https://convscope.example.org or https://example.org/convscope."
        raise SystemExit(f"{name} = {text}: {reason}")
    return text.rstrip("/")


# The settings that are no numbers, and how each is read.
WORDS: dict[str, Callable[[str, str], Any]] = {
    "uploads": _place,
    "lessons": _folder,
    "log": _form_of_log,
    "page": _page,
    "token": _token,
    "hosts": _hosts,
    "proxies": _networks,
    "embed_ancestors": _origins(_ANCESTOR, "https://docs.example.org, *, or 'none'"),
    "cors_origins": _origins(rf"\*|{_ORIGIN}", "https://docs.example.org, or *"),
    "public_url": _public_url,
}


def _own_folder(environment: Mapping[str, str]) -> Path:
    found = home_of_uploads(environment)
    if found is None:
        raise SystemExit("CONVSCOPE_UPLOADS: this user has no home to keep uploads in. Name a directory.")
    return found
