"""The commands that ask what the API answers: plan, run, solve, code, read, operations. Knows arguments and files."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

# Command: the route that it asks, what it is for, and the forms of its answer by the ending of a file.
JSON, NPY, PNG, PYTHON = "application/json", "application/x-npy", "image/png", "text/x-python"
COMMANDS: dict[str, tuple[str, str, dict[str, str]]] = {
    "plan": ("plan", "shapes, formula, cost and what each framework makes of a layer", {}),
    "run": ("run", "the output of a layer", {".npy": NPY, ".png": PNG}),
    "solve": ("solve", "the settings that give an output of a size", {}),
    "code": ("code", "a layer as a framework's code", {".py": PYTHON}),
}
PICTURES = {".jpg": "jpeg", ".jpeg": "jpeg", ".png": "png", ".webp": "webp", ".gif": "gif", ".bmp": "bmp"}


def add_commands(commands: Any) -> None:
    """Put the commands beside the others."""
    for name, (_, about, forms) in COMMANDS.items():
        command = commands.add_parser(name, help=about)
        command.add_argument(
            "spec", metavar="SPEC.json", help=f"the body that POST /api/v1/{name} takes; - reads it"
        )
        command.add_argument(
            "-o", "--output", default="-", metavar="FILE", help="the file to write; - prints it"
        )
        if name in ("run", "code"):
            command.add_argument(
                "--image", metavar="FILE", help="a picture or .npy array to use as the source"
            )
            command.add_argument("--size", type=int, help="longest side of the picture, in cells")
        command.set_defaults(run=_ask, forms=forms)
    read = commands.add_parser("read", help="a layer from PyTorch, Keras or ONNX code; nothing is executed")
    read.add_argument("spec", metavar="FILE", help="the code; - reads it")
    read.add_argument("-o", "--output", default="-", metavar="FILE", help="the file to write; - prints it")
    read.set_defaults(run=_ask, forms={})
    operations = commands.add_parser("operations", help="all operations with their parameters")
    operations.add_argument("--json", action="store_true", help="the whole registry as JSON")
    operations.set_defaults(run=_operations)


def _operations(options: argparse.Namespace) -> int:
    from .operations import registry

    if options.json:
        print(
            json.dumps(
                [operation.describe() for operation in registry().values()], ensure_ascii=False, indent=1
            )
        )
        return 0
    for operation in registry().values():
        names = ", ".join(name for name in operation.spec.model_fields if name != "operation")
        print(f"{operation.name}: {operation.title}\n    {names}")
    return 0


def _ask(options: argparse.Namespace) -> int:
    try:
        given = sys.stdin.buffer.read() if options.spec == "-" else Path(options.spec).read_bytes()
        status, answer = _answered(options, given)
        if status >= 400:
            told = json.loads(answer)
            print(f"convscope: {told['detail']}", file=sys.stderr)
            return 1
        if options.output == "-":
            sys.stdout.buffer.write(answer if answer.endswith(b"\n") else answer + b"\n")
        else:
            Path(options.output).write_bytes(answer)
    except UnicodeDecodeError:
        print(f"convscope: {options.spec}: this is no text in UTF-8", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"convscope: {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


def _answered(options: argparse.Namespace, given: bytes) -> tuple[int, bytes]:
    """The application's status and body for a command."""
    import anyio

    from .main import create_app
    from .web.inside import Answer, ask

    app = create_app()
    accept = options.forms.get(Path(options.output).suffix.lower(), JSON)
    route = options.command
    body = json.dumps({"text": given.decode()}).encode() if route == "read" else given
    picture = Path(options.image) if getattr(options, "image", None) else None
    pixels = b"" if picture is None else picture.read_bytes()

    async def asked() -> Answer:
        sent = body
        if picture is not None:
            kind = PICTURES.get(picture.suffix.lower())
            media = f"image/{kind}" if kind else NPY
            kept = await ask(app, "POST", "/api/v1/images", pixels, media=media, accept=JSON)
            if kept.status >= 400:
                return kept
            source: dict[str, Any] = {"kind": "image", "id": json.loads(kept.body)["id"]}
            if options.size is not None:
                source["size"] = options.size
            sent = _with_source(body, source)
        return await ask(app, "POST", f"/api/v1/{route}", sent, media=JSON, accept=accept)

    found = anyio.run(asked)
    return found.status, found.body


def _with_source(body: bytes, source: dict[str, Any]) -> bytes:
    """A body with its source put in; one that is no object is left for the application to refuse."""
    try:
        told = json.loads(body)
    except ValueError:
        return body
    return json.dumps({**told, "source": source}).encode() if isinstance(told, dict) else body
