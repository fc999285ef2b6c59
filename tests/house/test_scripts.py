"""./run and ./check on machines that lack something, made up of commands that only pretend."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Programs of any POSIX system; everything else is put there, or left out, by each test.
TOOLS = "cat chmod cksum cp date dirname env grep id mkdir mktemp paste rm sed sh tail tee".split()
SETTINGS = (
    "run",
    "check",
    "package.json",
    ".npmrc",
    "pyproject.toml",
    "constraints.txt",
    "constraints-dev.txt",
)

# A Python that starts, answers the questions of the scripts, and makes a .venv of copies of itself.
PYTHON = """#!/bin/sh
echo "$0 $*" >>"$CALLS"
case "$*" in
*version_info?\\<*|*"version_info < "*) {recent} ;;
*"%d.%d.%d"*) echo {version} ;;
*"%d.%d"*) v={version}; echo "${{v%.*}}" ;;
*ensurepip*) {venv} ;;
"-m venv"*)
    for folder; do :; done
    mkdir -p "$folder/bin" && cat "$0" >"$folder/bin/python" && chmod +x "$folder/bin/python" ;;
"-m pip --version") exit 0 ;;
"-m pip install"*) {install} ;;
"-m app"*) echo "served with: $*" ;;
"-m ruff check"*) exit "${{RUFF:-0}}" ;;
"-m pytest"*) echo "==== 3 passed, 1 skipped in 0.10s ====" ;;
esac
"""
UV = """#!/bin/sh
echo "$0 $*" >>"$CALLS"
[ "$1" != venv ] || { mkdir -p .venv/bin && cat "$PRETEND" >.venv/bin/python && chmod +x .venv/bin/python; }
"""


class Machine:
    """A checkout in a folder with spaces in its name, and a PATH that holds only what a test puts there."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "my check out"
        self.commands = folder / "bin"
        self.calls = folder / "calls"
        self.commands.mkdir()
        self.root.mkdir()
        self.calls.touch()
        shutil.copytree(ROOT / "tools", self.root / "tools")
        for name in SETTINGS:
            shutil.copy(ROOT / name, self.root)
        for name in TOOLS:
            found = shutil.which(name)
            assert found, name
            (self.commands / name).symlink_to(found)

    def has(self, name: str, text: str) -> Path:
        path = self.commands / name
        path.unlink(missing_ok=True)  # never write through a link to the system's own command
        path.write_text(text)
        path.chmod(0o755)
        return path

    def has_python(
        self,
        name: str,
        version: str = "3.12.1",
        *,
        recent: bool = True,
        venv: bool = True,
        install: bool = True,
    ) -> Path:
        ends = {True: "exit 0", False: "exit 1"}
        return self.has(
            name,
            PYTHON.format(recent=ends[recent], version=version, venv=ends[venv], install=ends[install]),
        )

    def call(self, *command: str, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": str(self.commands), "CALLS": str(self.calls), "HOME": str(self.root), **env}
        return subprocess.run(command, cwd=cwd or self.root, env=environment, capture_output=True, text=True)

    def called(self) -> str:
        return self.calls.read_text()

    def forget_calls(self) -> None:
        self.calls.write_text("")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize("script", ["run", "check", "tools/setup.sh"])
def test_the_script_is_posix_sh(script: str) -> None:
    shell = shutil.which("dash") or "sh"
    assert subprocess.run([shell, "-n", ROOT / script], capture_output=True).stderr == b""


@pytest.mark.parametrize("script", ["run", "check", ".ci/run"])
def test_the_script_can_be_called(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)


def test_continuous_integration_calls_check_and_nothing_else() -> None:
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    assert lines[-2:] == ["export CI=true", "exec ./check"]


def test_run_installs_once_and_serves_with_its_arguments(machine: Machine, tmp_path: Path) -> None:
    machine.has_python("python3")
    first = machine.call(str(machine.root / "run"), "--port", "8123", "--open", cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    assert first.stdout == "served with: -m app serve --port 8123 --open\n"
    assert "-m pip install --quiet -r constraints.txt\n" in machine.called()
    machine.forget_calls()
    second = machine.call(str(machine.root / "run"))
    assert second.stdout == "served with: -m app serve\n"
    assert second.stderr == ""
    assert "install" not in machine.called()


def test_run_installs_again_when_the_pins_change(machine: Machine) -> None:
    machine.has_python("python3")
    machine.call("./run")
    machine.forget_calls()
    with (machine.root / "constraints.txt").open("a") as file:
        file.write("zzz==1\n")
    machine.call("./run")
    assert "-m pip install --quiet -r constraints.txt\n" in machine.called()
    assert "-m venv" not in machine.called()


def test_run_installs_again_when_an_installation_was_broken_off(machine: Machine) -> None:
    machine.has_python("python3", install=False)
    broken = machine.call("./run")
    assert broken.returncode == 1
    assert "could not be installed" in broken.stderr
    (machine.root / ".venv" / "bin" / "python").write_text(machine.has_python("python3").read_text())
    assert machine.call("./run").returncode == 0


def test_run_makes_the_environment_anew_when_its_python_is_gone(machine: Machine) -> None:
    machine.has_python("python3")
    machine.call("./run")
    (machine.root / ".venv" / "bin" / "python").unlink()
    machine.forget_calls()
    assert machine.call("./run").returncode == 0
    assert "-m venv --clear .venv" in machine.called()


def test_run_takes_uv_when_it_is_there(machine: Machine) -> None:
    machine.has("uv", UV)
    pretend = machine.has_python("pretend")
    done = machine.call("./run", PRETEND=str(pretend))
    assert done.stdout == "served with: -m app serve\n"
    assert "uv venv --quiet --clear .venv" in machine.called()
    assert "uv pip install --quiet --python .venv/bin/python -r constraints.txt" in machine.called()


def test_run_goes_on_with_pip_when_uv_makes_an_environment_but_installs_nothing(machine: Machine) -> None:
    machine.has("uv", UV + '[ "$1" = venv ]\n')
    pretend = machine.has_python("pretend")
    machine.has_python("python3")
    done = machine.call("./run", PRETEND=str(pretend))
    assert done.stdout == "served with: -m app serve\n", done.stderr
    assert "python -m pip install --quiet -r constraints.txt" in machine.called()


def test_run_goes_on_with_pip_when_uv_fails(machine: Machine) -> None:
    machine.has("uv", "#!/bin/sh\nexit 2\n")
    machine.has_python("python3")
    done = machine.call("./run")
    assert done.stdout == "served with: -m app serve\n", done.stderr
    assert "-m pip install" in machine.called()


def test_run_passes_over_an_old_python_and_one_that_does_not_start(machine: Machine) -> None:
    machine.has("python3.13", "#!/bin/sh\nexit 127\n")
    machine.has_python("python3.12", venv=False)
    machine.has_python("python3.11")
    machine.has_python("python3", "3.9.2", recent=False)
    assert machine.call("./run").returncode == 0
    assert f"{machine.commands}/python3.11 -m venv --clear .venv" in machine.called()


def test_run_says_that_python_is_too_old(machine: Machine) -> None:
    machine.has_python("python3", "3.9.2", recent=False)
    done = machine.call("./run")
    assert done.returncode == 1
    assert "needs Python 3.11 or newer, and this is older: python3 is 3.9.2." in done.stderr
    assert done.stdout == ""


def test_run_says_that_venv_is_missing(machine: Machine) -> None:
    machine.has_python("python3", "3.11.2", venv=False)
    done = machine.call("./run")
    assert done.returncode == 1
    assert "needs Python's venv module, and python3 (3.11.2) comes without it" in done.stderr
    assert "sudo apt install python3-venv" in done.stderr


def test_run_says_that_there_is_no_python(machine: Machine) -> None:
    done = machine.call("./run")
    assert done.returncode == 1
    assert "no Python was found" in done.stderr


def test_check_refuses_a_word_that_it_does_not_know(machine: Machine) -> None:
    done = machine.call("./check", "everything")
    assert done.returncode == 1
    assert "./check knows no everything" in done.stderr


def test_check_tells_how_it_is_used(machine: Machine) -> None:
    done = machine.call("./check", "--help")
    assert done.returncode == 0
    assert done.stdout.startswith("Every check of Convscope")
    assert "./check fast" in done.stdout


def test_check_runs_everything_it_can_and_names_what_it_skips(machine: Machine) -> None:
    machine.has_python("python3")
    done = machine.call("./check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (
        "skipped          tsc, build of the page, biome, node --test: Node.js 18 or newer with npm is not here"
        in done.stdout
    )
    assert "skipped          browser tests: Chromium is not here" in done.stdout
    assert "-m not effects --ignore=tests/browser" in machine.called()
    assert "-m browser and" not in machine.called()
    assert "pytest: 3 passed, 1 skipped in 0.10s" in done.stdout


def test_check_uses_a_node_that_is_there(machine: Machine) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node.js is not here.")
    machine.has_python("python3")
    (machine.commands / "node").symlink_to(node)
    machine.has("tsc", '#!/bin/sh\necho "tsc $*" >>"$CALLS"\n')
    machine.has(
        "npm",
        '#!/bin/sh\necho "npm $*" >>"$CALLS"\nmkdir -p node_modules/.bin\ncp "$BIN"/tsc node_modules/.bin\n',
    )
    machine.has("biome", "#!/bin/sh\nexit 1\n")
    tests = machine.root / "tests" / "js" / "room"
    tests.mkdir(parents=True)
    (tests / "a.test.js").write_text('import test from "node:test"; test("one", () => {});\n')
    done = machine.call("./check", BIN=str(machine.commands))
    assert "npm install --ignore-scripts" in machine.called()
    assert "tsc --project tsconfig.json" in machine.called(), done.stdout + done.stderr
    assert "tsc --project tsconfig.tests.json" in machine.called()
    assert "node --test: 1 tests, 1 pass, 0 fail, 0 skipped" in done.stdout
    assert done.stdout.endswith("Failed: build of the page, biome\n")


def test_check_allows_no_gap_under_continuous_integration(machine: Machine) -> None:
    machine.has_python("python3")
    done = machine.call("./check", CI="true")
    assert done.returncode == 1
    assert done.stdout.endswith("Failed: tsc, build of the page, biome, node --test, browser tests\n")
    assert "-m pytest" in machine.called()


def test_check_tests_core_and_api_on_each_other_python(machine: Machine) -> None:
    machine.has_python("python3.13", "3.13.0")
    machine.has_python("python3.12", "3.12.4")
    machine.has_python("python3.11", "3.11.2", recent=False)
    machine.has_python("python3.14", "3.14.0", install=False)
    pyenv = machine.root / ".pyenv" / "versions"
    for version in ("3.12.1", "3.11.9"):
        (pyenv / version / "bin").mkdir(parents=True)
        machine.has_python("python", version).rename(pyenv / version / "bin" / "python")
    done = machine.call("./check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "core and API on Python 3.12 3.11" in done.stdout
    assert "skipped          Python 3.14: its packages could not be installed" in done.stdout
    called = machine.called()
    assert ".venv-3.12/bin/python -m pytest" in called
    assert ".venv-3.11/bin/python -m pytest" in called
    assert ".venv-3.13" not in called
    machine.forget_calls()
    machine.call("./check")
    assert ".venv-3.12/bin/python -m pip install" not in machine.called()


def test_check_fails_when_another_python_does(machine: Machine) -> None:
    machine.has_python("python3.13", "3.13.0")
    other = machine.has_python("python3.12", "3.12.4")
    other.write_text(other.read_text().replace('"-m pytest"*)', '"-m pytest"*) exit 1;; x)'))
    done = machine.call("./check")
    assert done.returncode == 1
    assert done.stdout.endswith("Failed: core and API on Python 3.12\n")


def test_check_goes_on_after_a_failure_and_fails_at_the_end(machine: Machine) -> None:
    machine.has_python("python3")
    done = machine.call("./check", RUFF="1")
    assert done.returncode == 1
    assert "-m pytest" in machine.called()
    assert done.stdout.endswith("Failed: ruff check\n")


def test_check_installs_what_is_missing_when_it_may(machine: Machine) -> None:
    machine.has_python("python3")
    machine.has("id", "#!/bin/sh\necho 0\n")
    chromium = machine.commands / "chromium"
    # Installing Chromium makes the command appear; Node is not to be had.
    machine.has(
        "apt-get",
        f"""#!/bin/sh
echo "apt-get $*" >>"$CALLS"
case "$*" in *chromium*) printf '#!/bin/sh\\necho Chromium 1\\n' >"{chromium}"; chmod +x "{chromium}" ;; esac
""",
    )
    done = machine.call("./check")
    called = machine.called()
    assert called.count("apt-get update") == 1
    assert "--no-install-recommends chromium" in called
    assert "--no-install-recommends nodejs" in called
    assert "browser tests" not in done.stdout
    assert "-m not effects --ignore=tests/browser" in called
    assert "-m browser and not engines tests/browser tests/engines\n" in called


def test_check_fast_leaves_out_the_browser_and_the_wheel(machine: Machine) -> None:
    machine.has_python("python3")
    done = machine.call("./check", "fast")
    assert "-m not effects and not wheel --ignore=tests/browser" in machine.called()
    assert "Chromium" not in done.stdout
