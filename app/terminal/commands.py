"""The commands that ask what the API answers: plan, run, solve, code, read, operations. Knows arguments and files."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..images.read.formats import FORMATS
from . import answers
from .arguments import add_words, is_file, spelled
from .bar import Bar
from .endings import failed, guarded

# Command: the route that it asks, what it is for, and the forms of its answer by the ending of a file.
JSON, NPY, PNG, PYTHON = "application/json", "application/x-npy", "image/png", "text/x-python"
ONNX = "application/x-onnx"
COMMANDS: dict[str, tuple[str, str, dict[str, str]]] = {
    "plan": ("plan", "shapes, formula, cost and what each framework makes of a layer", {}),
    "run": ("run", "the output of a layer", {".npy": NPY, ".png": PNG}),
    "solve": ("solve", "the settings that give an output of a size", {}),
    "code": ("code", "a layer as a framework's code", {".py": PYTHON, ".onnx": ONNX}),
}
MODELS = (".py", ".onnx", ".txt")
DRAWN = (".svg", ".pdf", ".gif", ".webp", ".tex")
MEDIA = {
    **{f".{usual.removeprefix('image/')}": usual for usual, *_ in FORMATS.values()},
    ".jpg": "image/jpeg",
    ".tif": "image/tiff",
    ".npy": NPY,
}


def add_commands(commands: Any) -> None:
    """Put the commands beside the others."""
    for name, (_, about, forms) in COMMANDS.items():
        command = commands.add_parser(name, help=about)
        add_words(command, name)
        command.add_argument(
            "-o",
            "--output",
            default="-",
            metavar="FILE",
            help=f"the file to write ({', '.join(['.json', *forms])})",
        )
        command.add_argument("--json", action="store_true", help="print the API's answer, refusals included")
        if name != "solve":
            add_image(command)
        if name == "run":
            command.add_argument("-q", "--quiet", action="store_true", help="show no progress")
        command.set_defaults(run=_ask, forms=forms)
    read = commands.add_parser("read", help="a layer from PyTorch, Keras or ONNX code; nothing is executed")
    read.add_argument("spec", nargs=1, metavar="FILE", help="the code; - reads it")
    read.add_argument("--json", action="store_true", help="print the API's answer, refusals included")
    read.add_argument("-o", "--output", default="-", metavar="FILE", help="the file to write; - prints it")
    read.set_defaults(run=_ask, forms={})
    operations = commands.add_parser("operations", help="all operations with their parameters")
    operations.add_argument("--json", action="store_true", help="the whole registry as JSON")
    operations.set_defaults(run=_operations)


def add_image(command: argparse.ArgumentParser) -> None:
    """The picture or array that a command takes as the source."""
    command.add_argument("--image", metavar="FILE", help="a picture or .npy array to use as the source")
    command.add_argument("--size", type=int, help="longest side of the picture, in cells")


def _operations(options: argparse.Namespace) -> int:
    from ..operations import registry

    if options.json:
        print(
            json.dumps(
                [operation.describe() for operation in registry().values()], ensure_ascii=False, indent=1
            )
        )
        return 0
    for operation in registry().values():
        names = ", ".join(parameter["name"] for parameter in operation.describe()["parameters"])
        print(f"{operation.name}: {operation.title}\n    {names}")
    return 0


@guarded
def _ask(options: argparse.Namespace) -> int:
    accept = _form_of(options)
    try:
        given = given_body(options.command, options)
    except UnicodeDecodeError:
        return failed(f"{options.spec[0]}: this is no text in UTF-8")
    status, answer = _answered(options, given, accept)
    if status >= 400:
        problem = json.loads(answer)
        words = json.dumps(problem, ensure_ascii=False) if options.json else f"convscope: {problem['detail']}"
        print(words, file=sys.stderr)
        return 1
    if options.output == "-":
        if options.command in ("plan", "run", "solve") and not options.json:
            answer = answers.formatted(options.command, json.loads(answer)).encode()
        sys.stdout.buffer.write(answer if answer.endswith(b"\n") else answer + b"\n")
    else:
        Path(options.output).write_bytes(answer)
    return 0


def given_body(name: str, options: argparse.Namespace) -> bytes:
    """A request's body, from a file, from standard input, or spelled out."""
    if name != "read" and not is_file(options.spec):
        return spelled(name, options)
    given = sys.stdin.buffer.read() if options.spec[0] == "-" else Path(options.spec[0]).read_bytes()
    if name == "plan" and is_model(options):
        return given
    return _planned(given, options.input) if name == "plan" else given


def _planned(given: bytes, input_shape: list[int] | None) -> bytes:
    """A body to be planned: that of a run will do, and a shape that is spelled out goes before its source."""
    try:
        body = json.loads(given)
    except ValueError:
        return given  # the application says what is wrong
    if isinstance(body, list):
        body = {"layers": body}
    if not isinstance(body, dict):
        return given
    body.pop("weights", None)
    if input_shape is not None:
        body.pop("source", None)
        body["input_shape"] = input_shape
    return json.dumps(body).encode()


def _form_of(options: argparse.Namespace) -> str:
    """The media type that a file's ending asks for; an ending that says nothing is refused before any work."""
    ending = Path(options.output).suffix.lower()
    if options.output == "-":
        return PYTHON if options.command == "code" and not options.json else JSON
    if ending not in (".json", *options.forms):
        known = ", ".join([".json", *options.forms])
        raise argparse.ArgumentTypeError(
            f"{options.output}: {options.command} writes {known}"
            + ("; convscope figure draws pictures" if ending in DRAWN else "")
        )
    return str(options.forms.get(ending, JSON))


def _answered(options: argparse.Namespace, given: bytes, accept: str) -> tuple[int, bytes]:
    """The application's status and body for a command."""
    import anyio

    from ..main import create_app
    from ..web.server.progress import PROGRESS
    from .in_process import Answer, ask

    app = create_app()
    route = options.command
    body = json.dumps({"text": given.decode()}).encode() if route == "read" else given
    picture = Path(options.image) if getattr(options, "image", None) else None
    pixels = b"" if picture is None else picture.read_bytes()

    async def asked() -> Answer:
        sent = body
        if route == "plan" and is_model(options):
            sends, media = model_request(options, given)
            read = await ask(app, "POST", "/api/v1/read", sends, media=media, accept=JSON)
            if read.status >= 400:
                return read
            sent = body_of_model(json.loads(read.body), options)
        if picture is not None:
            kept = await ask(app, "POST", "/api/v1/images", pixels, media=media_of(picture), accept=JSON)
            if kept.status >= 400:
                return kept
            upload = json.loads(kept.body)
            tell_notes(upload["notes"], options)
            sent = with_image(body, upload["id"], options.size)
        return await ask(app, "POST", f"/api/v1/{route}", sent, media=JSON, accept=accept)

    with Bar(shown=not (options.json or getattr(options, "quiet", True))) as bar:
        token = PROGRESS.set(bar.tell)
        try:
            found = anyio.run(asked)
        finally:
            PROGRESS.reset(token)
    return found.status, found.body


def is_model(options: argparse.Namespace) -> bool:
    """Whether a plan is asked for of a model, by the ending of its file: code, or an .onnx file."""
    return len(options.spec) == 1 and Path(options.spec[0]).suffix.lower() in MODELS


def model_request(options: argparse.Namespace, given: bytes) -> tuple[bytes, str]:
    """What POST read is sent of a model: the file itself, or its text; with the media type."""
    if Path(options.spec[0]).suffix.lower() == ".onnx":
        return given, ONNX
    return json.dumps({"text": given.decode(), "network": True}).encode(), JSON


def body_of_model(model: dict[str, Any], options: argparse.Namespace) -> bytes:
    """The body of a plan of a model that was read, on the shape that is spelled out or that the model tells."""
    if not options.json:
        for note in model["notes"]:
            print(f"convscope: {options.spec[0]}: {note}", file=sys.stderr)
    shape = options.input or model["input_shape"]
    if shape is None:
        sizes = "x".join([str(model["input_channels"] or 3), *["64"] * (model["axes"] or 2)])
        raise argparse.ArgumentTypeError(
            f"{options.spec[0]}: it does not say how large its input is: add it, such as --input {sizes}"
        )
    return json.dumps({"layers": model["layers"], "input_shape": shape}).encode()


def media_of(picture: Path) -> str:
    """The media type by a file's ending; its content decides."""
    return MEDIA.get(picture.suffix.lower(), "application/octet-stream")


def tell_notes(notes: Sequence[str], options: argparse.Namespace) -> None:
    """Print on standard error, where a person reads it, how a picture was changed while it was read."""
    if not options.json and not getattr(options, "quiet", False):
        for note in notes:
            print(f"convscope: {options.image}: {note}", file=sys.stderr)


def with_image(body: bytes, id: str, size: int | None) -> bytes:
    """A body with an upload as its source; one that is no object is left for the application to refuse."""
    source: dict[str, Any] = {"kind": "image", "id": id} | ({} if size is None else {"size": size})
    try:
        request = json.loads(body)
    except ValueError:
        return body
    return json.dumps({**request, "source": source}).encode() if isinstance(request, dict) else body
