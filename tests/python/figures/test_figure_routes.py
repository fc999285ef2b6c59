"""POST figure, GET gallery and the command line: by format or Accept, with the words, with progress, or refused."""

from __future__ import annotations

import base64
import contextlib
import json
import re
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest
from starlette.testclient import TestClient

from app.figures.content.gallery import GALLERY
from app.figures.writers.formats import FORMATS
from app.main import create_app
from app.settings import Settings
from app.terminal.cli import main

from ...serving import Server
from ..web.asking import assert_problem
from ..web.test_watching import counts
from ..web.test_wire import serving

pytestmark = pytest.mark.long

Json = dict[str, Any]
ROOT = Path(__file__).parents[3]
NUMBERS = GALLERY[0].request()
ADDRESS = "/api/v1/figure"
SMALL: Json = {**NUMBERS, "width_mm": 60.0, "dpi": 72.0, "steps": {"count": 2}}
MAGIC = {
    "svg": b"<?xml",
    "pdf": b"%PDF-",
    "png": b"\x89PNG",
    "tikz": b"% ",
    "gif": b"GIF89a",
    "webp": b"RIFF",
    "apng": b"\x89PNG",
    "json": b"{",
}


@pytest.mark.parametrize("form", FORMATS)
def test_a_figure_comes_in_every_form(client: TestClient, form: str) -> None:
    by_format = client.post(ADDRESS, json={**SMALL, "format": form})
    by_accept = client.post(ADDRESS, json=SMALL, headers={"Accept": FORMATS[form].media_type})
    assert by_format.status_code == 200, by_format.text
    assert by_format.headers["content-type"].partition(";")[0] == FORMATS[form].media_type
    assert by_format.content.startswith(MAGIC[form])
    assert by_format.content == by_accept.content


def test_the_words_come_in_headers_and_as_json(client: TestClient) -> None:
    answer = client.post(ADDRESS, json=NUMBERS)
    reply = client.post(ADDRESS, json={**NUMBERS, "format": "json"}).json()
    assert unquote(answer.headers["figure-caption"]) == reply["caption"]
    assert unquote(answer.headers["figure-alt"]) == reply["alt"]
    assert unquote(answer.headers["figure-bibtex"]) == reply["bibtex"]
    assert reply["licence"] == "https://creativecommons.org/publicdomain/zero/1.0/"
    assert f'<{reply["licence"]}>; rel="license"' == answer.headers["link"]
    assert answer.headers["content-disposition"] == 'inline; filename="convolution-step-4.svg"'
    assert reply["bibtex"].startswith("@misc{convscope-")
    assert reply["caption"].startswith(
        "Convolution of a 5×5 input with a 3×3 kernel, stride 1: the output is 3×3."
    )


def test_every_figure_of_the_gallery_can_be_opened_and_exported(client: TestClient) -> None:
    figures = client.get("/api/v1/gallery").json()["figures"]
    assert len({figure["name"] for figure in figures}) == len(figures) == 20
    for figure in figures:
        opened = {key: figure[key] for key in ("layers", "source", "weights")}
        assert client.post("/api/v1/run", json=opened).status_code == 200, figure["name"]
        for form in ("svg", "pdf", "tikz", "png"):
            answer = client.post(ADDRESS, json={**figure["figure"], "format": form})
            assert answer.status_code == 200, figure["name"]


@pytest.mark.parametrize(
    "layer",
    [
        {
            "operation": "convolution",
            "kernel": 3,
            "filters": 4,
            "groups": 2,
            "bias": True,
            "activation": "relu",
        },
        {"operation": "average_pooling", "kernel": 3, "padding": 1, "ceil_mode": True},
        {"operation": "lp_pooling", "kernel": 2},
        {"operation": "global_average_pooling"},
        {"operation": "adaptive_max_pooling"},
        {"operation": "bilinear_upsampling"},
        {"operation": "nearest_upsampling"},
        {"operation": "unfold", "kernel": 2},
        {"operation": "dense", "filters": 3},
        {"operation": "zero_insertion"},
        {"operation": "transposed_convolution", "stride": 2, "filters": 2, "output_padding": 1},
        {"operation": "convolution", "kernel": 3, "padding": 2, "padding_mode": "reflect"},
    ],
)
@pytest.mark.parametrize("sizes", [[5], [5, 4], [3, 5, 4]])
@pytest.mark.parametrize("layout", ["side", "classic"])
def test_every_operation_is_drawn_on_any_number_of_axes(
    client: TestClient, layer: Json, sizes: list[int], layout: str
) -> None:
    body = {"layers": [layer], "source": {"kind": "noise", "shape": [4, *sizes]}, "layout": layout}
    for changes in (
        {"step": 0},
        {"step": "final"},
        {"step": 0, "parts": ["numbers", "kernel", "sum", "formula"]},
    ):
        answer = client.post(ADDRESS, json={**body, **changes})
        assert answer.status_code == 200, answer.text
        ET.fromstring(answer.content)


def test_numbers_that_are_none_are_drawn_and_told(client: TestClient) -> None:
    values = [[1, "NaN", "Infinity"], ["-Infinity", 1e30, 1e-30], [0, -1e-9, 3.4e38]]
    for operation in ("convolution", "max_pooling", "average_pooling"):
        body = {
            "layers": [{"operation": operation, "kernel": 2}],
            "source": {"kind": "values", "values": values},
        }
        for form in FORMATS:
            answer = client.post(ADDRESS, json={**body, "step": 0, "format": form, "dpi": 50.0})
            assert answer.status_code == 200, answer.text


def test_progress_is_told_line_by_line(client: TestClient) -> None:
    answer = client.post(ADDRESS, json={**SMALL, "format": "gif"}, headers={"Accept": "application/x-ndjson"})
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [(line["done"], line["of"]) for line in lines[:-1]] == [(done, 5) for done in range(1, 6)]
    assert lines[-1]["type"] == "figure"
    assert base64.b64decode(lines[-1]["data"]).startswith(b"GIF89a")
    assert lines[-1]["name"] == "convolution-steps.gif"
    assert lines[-1]["caption"]


@pytest.mark.parametrize(
    ("change", "status", "code", "field"),
    [
        ({"step": 9}, 422, "unfit", "step"),
        ({"step": -1}, 422, "malformed", "step"),
        ({"step": "last"}, 422, "malformed", "step"),
        ({"lane": 3}, 422, "unfit", "lane"),
        ({"walk": "scatter"}, 422, "unfit", "walk"),
        ({"theme": "<svg>"}, 422, "malformed", "theme"),
        ({"width_mm": 1e9}, 422, "malformed", "width_mm"),
        ({"width_mm": "NaN"}, 422, "malformed", "width_mm"),
        ({"dpi": 1201.0}, 422, "malformed", "dpi"),
        ({"parts": ["all"]}, 422, "malformed", "parts[0]"),
        ({"colour": "red"}, 422, "malformed", "colour"),
        ({"title": "x" * 201}, 422, "malformed", "title"),
        ({"format": "gif", "fps": 0.0}, 422, "malformed", "fps"),
        ({"steps": {"every": 0}}, 422, "malformed", "steps.every"),
        (
            {"source": {"kind": "sample", "name": "scene", "size": 400}, "weights": None},
            413,
            "too_large",
            "figure",
        ),
        ({"format": "png", "dpi": 1200.0, "width_mm": 600.0}, 413, "too_large", "dpi"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_the_one_shape(
    client: TestClient, change: Json, status: int, code: str, field: str
) -> None:
    assert_problem(client.post(ADDRESS, json={**NUMBERS, **change}), status, code, field)


def test_the_limits_are_the_servers(tmp_path: Path) -> None:
    with TestClient(create_app(Settings(uploads=tmp_path, figure_cells=20, figure_frames=3))) as small:
        assert_problem(small.post(ADDRESS, json=NUMBERS), 413, "too_large", "figure")
    with TestClient(create_app(Settings(uploads=tmp_path, figure_frames=3))) as short:
        problem = assert_problem(
            short.post(ADDRESS, json={**NUMBERS, "format": "gif"}), 413, "too_large", "steps"
        )
        assert "3 frames" in problem["reason"]


def test_an_accept_that_is_not_spoken_is_refused(client: TestClient) -> None:
    assert_problem(
        client.post(ADDRESS, json=NUMBERS, headers={"Accept": "image/tiff"}), 406, "not_acceptable"
    )


def test_other_requests_are_answered_during_a_long_export(server: Server) -> None:
    import httpx2

    body = {
        "layers": [{"operation": "convolution", "padding": 1}],
        "source": {"kind": "sample", "name": "digit"},
        "format": "gif",
        "steps": {"every": 24},
    }
    with httpx2.Client(base_url=server.url, timeout=60) as asking:
        export = threading.Thread(target=lambda: httpx2.post(server.url + ADDRESS, json=body, timeout=60))
        export.start()
        answered = 0  # an answer that waited for the export would be the only one
        while export.is_alive():
            assert asking.get("/api/v1/samples").status_code == 200
            answered += export.is_alive()
        export.join()
    assert answered > 2


@pytest.fixture
def generous(tmp_path: Path) -> Iterator[Server]:
    """A server that sells a client as many frames as it asks for."""
    with serving(tmp_path, CONVSCOPE_CLIENT_BURST="1000000") as running:
        yield running


def test_an_export_stops_when_its_client_goes_away(generous: Server) -> None:
    """By what the server says that it computed: a small part of what a twelfth of the frames leads to expect."""
    import httpx2

    def counted() -> tuple[float, float]:
        """Seconds of computing, and requests for figures that have ended."""
        seen = counts(generous.fetch("/metrics")[1].decode())
        return (
            sum(value for (name, _), value in seen.items() if name == "convscope_compute_seconds_total"),
            sum(
                value
                for (name, labels), value in seen.items()
                if name == "convscope_requests_total" and ("route", ADDRESS) in labels
            ),
        )

    def after(count: int) -> float:
        """Seconds of computing once ``count`` requests for figures have ended."""
        until = time.monotonic() + 90
        while (seen := counted())[1] < count:
            assert time.monotonic() < until, "the export goes on without its client"
            time.sleep(0.05)
        return seen[0]

    body: Json = {
        "layers": [{"operation": "convolution", "padding": 1}],
        "source": {"kind": "sample", "name": "digit"},
        "format": "gif",
    }
    begun, ended = counted()
    started = time.monotonic()
    httpx2.post(generous.url + ADDRESS, json={**body, "steps": {"every": 48}}, timeout=90).raise_for_status()
    took = time.monotonic() - started
    before = after(int(ended) + 1)
    part = before - begun
    # Who reads lines leaves after the first. A plain answer begins when it is done: it is waited for as long as that.
    patience = {"application/x-ndjson": 90.0, "image/gif": took}
    for number, (accept, patience_s) in enumerate(patience.items(), start=2):
        asking = httpx2.stream(
            "POST",
            generous.url + ADDRESS,
            json={**body, "steps": {"every": 4}},
            headers={"Accept": accept},
            timeout=patience_s,
        )
        with contextlib.suppress(httpx2.ReadTimeout), asking as answer:
            first = json.loads(next(answer.iter_lines()))
            assert first.get("done") == 1, first
        now = after(int(ended) + number)
        assert now - before < 6 * part, accept
        before = now


def test_the_command_line_draws_what_the_api_draws(client: TestClient, tmp_path: Path) -> None:
    spec = tmp_path / "spec.json"
    spec.write_text(json.dumps(NUMBERS), encoding="utf-8")
    for ending, form in (("svg", "svg"), ("pdf", "pdf"), ("tex", "tikz"), ("png", "png"), ("gif", "gif")):
        out = tmp_path / f"out.{ending}"
        assert main(["figure", str(spec), "-o", str(out), "-q"]) == 0
        assert out.read_bytes() == client.post(ADDRESS, json={**NUMBERS, "format": form}).content


def test_the_command_line_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "spec.json"
    for text, words in (
        (json.dumps({**NUMBERS, "step": 9}), "step = 9: the walk has 9 steps. Use 0 to 8, or final."),
        ("{", "valid JSON"),
        (json.dumps({**NUMBERS, "theme": "neon"}), "theme = neon"),
    ):
        spec.write_text(text, encoding="utf-8")
        assert main(["figure", str(spec), "-o", str(tmp_path / "out.svg")]) == 1
        assert words in capsys.readouterr().err
        assert not (tmp_path / "out.svg").exists()
    assert main(["figure", str(tmp_path / "none.json"), "-o", str(tmp_path / "out.svg")]) == 1
    assert "none.json: No such file" in capsys.readouterr().err


def test_the_command_line_reads_and_writes_streams() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app", "figure", "-", "-o", "-", "--format", "json"],
        input=json.dumps(NUMBERS).encode(),
        capture_output=True,
        cwd=ROOT,
        check=True,
    )
    assert json.loads(done.stdout)["title"] == "A convolution with its numbers"
    assert done.stderr == b""


@pytest.mark.parametrize("form", ["svg", "tikz"])
def test_the_numbers_in_an_exported_file_are_those_of_the_api(client: TestClient, form: str) -> None:
    """Whole numbers, so that all of them is printed: a cell of a grid is a number in the file."""
    body = {key: NUMBERS[key] for key in ("layers", "source", "weights")}
    answer = client.post("/api/v1/run", json={**body, "include": ["input", "weight", "output"]}).json()
    expected = Counter(int(value) for name in answer for value in np.ravel(answer[name]))
    drawn = {**body, "step": "final", "format": form}
    file = client.post(ADDRESS, json=drawn).content.decode()
    pattern = r">(−?\d+)</text>" if form == "svg" else r"[{$](-?\d+)[$}]"
    printed = Counter(int(one.replace("−", "-")) for one in re.findall(pattern, file))
    assert expected <= printed
