"""Rules of every kept file: no download address, no endless file; and that the pins and the image are whole."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import app
from tests.house.files import ROOT, kept_files, programs

MOST_LINES = 500
# The page's wiring reads as a list, so that what a room does is not done here.
FEWER_LINES = {"static/js/main.js": 250}
# In two halves, so that this file does not hold what it forbids.
REGISTRIES = re.compile(
    "|".join(
        re.escape(name + rest)
        for name, rest in (
            ("pypi", ".org"),
            ("pythonhosted", ".org"),
            ("registry.", "npmjs"),
            ("registry.", "yarnpkg"),
            ("deb.", "debian.org"),
            ("archive.", "ubuntu.com"),
            ("crates", ".io"),
            ("docker", ".io"),
        )
    ),
    re.IGNORECASE,
)


def registry_addresses(texts: Iterable[tuple[str, str]]) -> list[str]:
    return [
        f"{path}:{number} names {found[0]}"
        for path, text in texts
        for number, line in enumerate(text.splitlines(), start=1)
        for found in REGISTRIES.finditer(line)
    ]


def long_files(texts: Iterable[tuple[str, str]]) -> list[str]:
    return [
        f"{path} has {text.count(chr(10))} lines"
        for path, text in texts
        if text.count("\n") > FEWER_LINES.get(path, MOST_LINES)
    ]


def as_text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", errors="ignore")


def pins(name: str) -> dict[str, str]:
    """Package to version. Every line is ``name==version``, and for what machines if not for all."""
    found: dict[str, str] = {}
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        match = re.fullmatch(r"([a-z0-9-]+)==([0-9][0-9a-z.]*)(?:; [a-z_]+ .+)?", line)
        assert match, f"{name}: {line!r} is not name==version"
        assert match[1] not in found, f"{name} pins {match[1]} twice"
        found[match[1]] = match[2]
    assert list(found) == sorted(found), f"{name} is not in order"
    return found


def test_no_file_says_where_packages_are_downloaded_from() -> None:
    texts = [(path.relative_to(ROOT).as_posix(), as_text(path)) for path in kept_files()]
    assert len(texts) > 20
    assert registry_addresses(texts) == []


def test_a_registry_address_is_noticed() -> None:
    assert len(registry_addresses([("a.txt", "x\nhttps://files.python" + "hosted.org/packages/x.whl")])) == 1


def test_no_program_is_longer_than_one_can_keep_in_mind() -> None:
    endings = (".py", ".js", ".ts", ".css", ".html")
    assert long_files(programs("app", "static", "templates", "tests", "benchmarks", endings=endings)) == []


def test_a_long_file_is_noticed() -> None:
    assert len(long_files([("a.py", "x\n" * 501), ("b.py", "x\n" * 500)])) == 1
    assert len(long_files([(path, "x\n" * (most + 1)) for path, most in FEWER_LINES.items()])) == len(
        FEWER_LINES
    )


def test_every_dependency_is_pinned_to_a_version_that_fits() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    runtime, dev = pins("constraints.txt"), pins("constraints-dev.txt")
    assert not runtime.keys() & dev.keys()
    for wanted, pinned in (
        (project["project"]["dependencies"], runtime),
        (project["dependency-groups"]["dev"], {**runtime, **dev}),
        (project["build-system"]["requires"], dev),
    ):
        for requirement in map(Requirement, wanted):
            version = pinned[canonicalize_name(requirement.name)]
            assert requirement.specifier.contains(version), f"{requirement} is pinned to {version}"


def test_the_node_tools_are_pinned_exactly() -> None:
    wanted = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    assert {name for name, version in wanted.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)} == set()


def test_no_lock_file_records_where_packages_came_from() -> None:
    locks = {
        "package-lock.json",
        "npm-shrinkwrap.json",
        "uv.lock",
        "poetry.lock",
        "pnpm-lock.yaml",
        "yarn.lock",
    }
    assert [path.name for path in kept_files() if path.name in locks] == []


def test_the_version_is_a_version() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", app.__version__)


# --- The image, which no test here can build ----------------------------------------------------------------


def instructions() -> list[tuple[str, str]]:
    """Keyword and argument of every instruction, continuation lines joined."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in lines]


def last_stage() -> list[tuple[str, str]]:
    found = instructions()
    begins = max(index for index, (keyword, _) in enumerate(found) if keyword == "FROM")
    return found[begins:]


def test_the_image_has_stages_that_build_and_a_stage_that_is_kept() -> None:
    stages = [argument for keyword, argument in instructions() if keyword == "FROM"]
    assert [stage.partition(" AS ")[2] for stage in stages] == ["page", "build", ""]
    copied = [argument for keyword, argument in last_stage() if keyword == "COPY"]
    assert copied
    assert all(argument.startswith("--from=build ") for argument in copied)


def test_the_image_runs_as_nobody_in_particular_and_says_when_it_is_ill() -> None:
    final = dict(last_stage())
    assert int(final["USER"]) > 0
    check = final["HEALTHCHECK"]
    assert "/healthz" in check
    command = json.loads(check[check.index("CMD ") + 4 :])
    assert command[:2] == ["python", "-c"]
    compile(command[2], "HEALTHCHECK", "exec")
    assert json.loads(final["ENTRYPOINT"]) == ["convscope"]
    assert json.loads(final["CMD"])[:3] == ["serve", "--host", "0.0.0.0"]


@pytest.mark.parametrize(
    "name",
    [
        name
        for keyword, argument in instructions()
        if keyword == "COPY" and not argument.startswith("--from")
        for name in argument.split()[:-1]
    ],
)
def test_what_the_image_copies_is_there_and_not_ignored(name: str) -> None:
    assert (ROOT / name).exists()
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert f"!{name}" in ignored
