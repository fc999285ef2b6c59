"""Training for the command line and for notebooks: an experiment as a body of POST train, its curve as a figure.

Asks the application in this process, as the other commands do. Knows files and what the API tells.
"""

from __future__ import annotations

import argparse
import io
import json
import re
import sys
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core.errors import Problem, counted
from ..figures.content.about import About
from ..figures.drawing.marks import Figure
from ..figures.drawing.themes import THEMES
from ..figures.layout.curve import curve
from ..figures.writers.still import WRITERS
from .bar import Bar
from .endings import guarded

Array = NDArray[Any]
Json = dict[str, Any]

JSON, LINES, NPZ, SAFETENSORS = (
    "application/json",
    "application/x-ndjson",
    "application/x-npz",
    "application/x-safetensors",
)
BUNDLES = {".npz": NPZ, ".safetensors": SAFETENSORS}
FIGURES = {".svg": "svg", ".pdf": "pdf", ".png": "png", ".tex": "tikz"}
DPI = 192.0
CONTENT = re.compile(r"[0-9a-f]{64}\Z")
REPORTS = 50  # that a curve has where the experiment does not say how often to report


def add_train(commands: Any) -> None:
    """Put the command beside the others."""
    command = commands.add_parser("train", help="train a network as an experiment in a file says")
    command.add_argument("spec", metavar="FILE", help="the experiment, as POST train takes it; - reads it")
    command.add_argument(
        "-o",
        "--output",
        action="append",
        default=[],
        metavar="FILE",
        help="write the parameters (.npz, .safetensors), the curve (.svg, .pdf, .png, .tex) or all that was told "
        "(.json); may be given again",
    )
    command.add_argument("--json", action="store_true", help="print every message, a line each")
    command.add_argument("-q", "--quiet", action="store_true", help="show no progress")
    command.set_defaults(run=_train)


@guarded
def _train(options: argparse.Namespace) -> int:
    for name in options.output:
        if Path(name).suffix.lower() not in (*BUNDLES, *FIGURES, ".json"):
            raise argparse.ArgumentTypeError(
                f"{name}: train writes {', '.join([*BUNDLES, *FIGURES, '.json'])}"
            )
    given = sys.stdin.buffer.read() if options.spec == "-" else Path(options.spec).read_bytes()
    with Bar(shown=not (options.json or options.quiet)) as bar:
        trained = run(given, bar)
    if options.json:
        sys.stdout.write("".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in trained.messages))
    else:
        print(trained.words())
    for name in options.output:
        Path(name).write_bytes(trained.file(Path(name).suffix.lower()))
    return 0


def run(given: bytes, bar: Bar) -> Trained:
    """Train as a body says; raises Problem where it is refused."""
    import anyio

    from ..main import create_app
    from ..web.server.progress import PROGRESS
    from .in_process import ask

    async def asked() -> tuple[int, bytes, dict[str, bytes]]:
        app = create_app()
        body = given
        for id, held in brought.items():
            kept = await ask(app, "POST", "/api/v1/bundles", held, media=SAFETENSORS, accept=JSON)
            if kept.status >= 400:
                return kept.status, kept.body, {}
            body = body.replace(id.encode(), json.loads(kept.body)["id"].encode())
        found = await ask(app, "POST", "/api/v1/train", body, media=JSON, accept=LINES)
        files = {}
        if found.status == 200:
            id = json.loads(found.body.splitlines()[-1]).get("parameters", {}).get("id")
            for ending, form in BUNDLES.items() if id else ():
                kept = await ask(app, "GET", f"/api/v1/bundles/{id}", media=JSON, accept=form)
                files[ending] = kept.body
        return found.status, found.body, files

    given, brought = _apart(given)
    token = PROGRESS.set(bar.tell)
    try:
        status, body, files = anyio.run(asked)
    finally:
        PROGRESS.reset(token)
    if status >= 400:
        raise problem_of(json.loads(body))
    messages = [json.loads(line) for line in body.splitlines()]
    if messages[-1]["type"] == "error":
        raise problem_of(messages[-1]["problem"])
    return Trained(messages, files, given.decode())


def _apart(given: bytes) -> tuple[bytes, dict[str, bytes]]:
    """The body of POST train, and the own examples and weights by id that the page saves beside it."""
    try:
        body = json.loads(given)
        bundles = body.pop("bundles", {})
        brought = {id: b64decode(held, validate=True) for id, held in bundles.items() if CONTENT.match(id)}
    except (ValueError, AttributeError, TypeError):
        return given, {}  # which the application refuses in its own words
    return json.dumps(body).encode(), brought


def problem_of(answer: Json) -> Problem:
    """A refusal as it was answered."""
    names = (
        "code",
        "status",
        "title",
        "reason",
        "remedy",
        "field",
        "value",
        "pointer",
        "retry_after_s",
        "excess",
    )
    return Problem(**{name: answer[name] for name in names if name in answer})


def train(experiment: Mapping[str, Any]) -> Trained:
    """Train a network, for notebooks and scripts: ``train({"layers": […], "data": {"kind": "strokes"}})``.

    It takes what ``POST train`` takes. The result holds ``reports``, ``parameters`` by name, and shows its curve.
    """
    steps = experiment.get("steps", 300)
    every = max(1, steps // REPORTS) if isinstance(steps, int) else 10
    with Bar(shown=True) as bar:
        return run(json.dumps({"report": every, **experiment}).encode(), bar)


@dataclass(frozen=True)
class Trained:
    """A network that was trained: every message that was told, and the files of its parameters."""

    messages: list[Json]
    files: Mapping[str, bytes]
    experiment: str

    @property
    def end(self) -> Json:
        """The last message."""
        return self.messages[-1]

    @property
    def reports(self) -> list[Json]:
        """Where training stood, report by report."""
        return [one for one in self.messages if one["type"] == "step"]

    @property
    def parameters(self) -> dict[str, Array]:
        """Each tensor by its full name: conv1.weight."""
        with np.load(io.BytesIO(self.files[".npz"]), allow_pickle=False) as loaded:
            return dict(loaded)

    def figure(self, theme: str = "light") -> Figure:
        """The curve."""
        return curve([_finite(report) for report in self.reports], THEMES[theme])

    def about(self) -> About:
        """The words of the curve."""
        return About("The loss of a training", self.words(), self.words(), "", self.experiment)

    def file(self, ending: str) -> bytes:
        """The file of an ending: parameters, a curve, or everything that was told."""
        if ending == ".json":
            return json.dumps(self.messages, ensure_ascii=False, indent=1).encode()
        if ending in BUNDLES:
            return self.files[ending]
        return WRITERS[FIGURES[ending]](self.figure(), self.about(), DPI)

    def words(self) -> str:
        """How it went, in a few sentences."""
        end = self.end
        parts = [f"{counted(end['step'], 'training step')}, seed {end['seed']}."]
        for name, title in (("training", "trained on"), ("validation", "unseen")):
            judged = end[name]
            if judged is not None:
                share = judged["accuracy"]
                loss = judged["loss"] if isinstance(judged["loss"], str) else f"{judged['loss']:.4g}"
                some = counted(judged["count"], "example")
                if share is None:
                    parts.append(f"Loss of {some} {title}: {loss}.")
                else:
                    parts.append(f"{share:.1%} of {some} {title} are right, loss {loss}.")
        if end["best"] is not None:
            best = end["best"]
            parts.append(
                f"Best at training step {best['step']}: validation loss {best['validation_loss']:.4g}."
            )
        if end["stopped"]:
            parts.append(f"Stopped early: {end['stopped']}.")
        parts += [
            f"{one['reason'][0].upper()}{one['reason'][1:]}. {one['remedy']}" for one in end["diagnosis"]
        ]
        return " ".join(parts)

    def _repr_html_(self) -> str:
        """The curve with its words."""
        drawn = self.file(".svg").decode().partition("?>")[2]
        return f'<figure style="margin:0">{drawn}<figcaption>{escape(self.words())}</figcaption></figure>'


def _finite(report: Json) -> dict[str, float | None]:
    """A report's numbers; words that JSON has for what is not finite are left out."""
    return {name: one for name, one in report.items() if isinstance(one, (int, float))}
