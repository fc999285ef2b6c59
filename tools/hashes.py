"""Writes what the image installs, with the hashes of every package: python tools/hashes.py, after a pin has changed.

pip resolves for each machine that the image is built for and says which file it would install and its hash.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MACHINES = ("manylinux_2_28_x86_64", "manylinux_2_28_aarch64")
OLDER = (
    "manylinux_2_27",
    "manylinux_2_26",
    "manylinux_2_24",
    "manylinux_2_17",
    "manylinux2014",
    "manylinux_2_12",
)
PYTHON = "3.13"  # the image's
FILES = {
    "deploy/image.txt": ("-r", "constraints.txt", "-c", "constraints-dev.txt", "redis", "obstore", "onnx"),
    "deploy/image-build.txt": ("-c", "constraints-dev.txt", "hatchling"),
}


def resolved(wanted: tuple[str, ...], machine: str) -> dict[str, str]:
    """The hash of each package, by its pin, for one machine."""
    kind = machine.removeprefix("manylinux_2_28_")
    platforms = [
        option for name in (machine, *(f"{one}_{kind}" for one in OLDER)) for option in ("--platform", name)
    ]
    command = [
        *(
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--dry-run",
            "--ignore-installed",
            "--report",
            "-",
        ),
        *("--target", "unused", "--only-binary", ":all:", "--python-version", PYTHON, *platforms, *wanted),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    return {
        f"{item['metadata']['name'].lower()}=={item['metadata']['version']}": item["download_info"][
            "archive_info"
        ]["hashes"]["sha256"]
        for item in json.loads(done.stdout)["install"]
    }


def main() -> None:
    """Write both files."""
    for name, wanted in FILES.items():
        hashes: dict[str, set[str]] = {}
        for machine in MACHINES:
            for pin, found in resolved(wanted, machine).items():
                hashes.setdefault(pin, set()).add(found)
        lines = [
            f"{pin} {' '.join(f'--hash=sha256:{one}' for one in sorted(found))}"
            for pin, found in sorted(hashes.items())
        ]
        head = "# Packages that the image installs, with hashes. Made by python tools/hashes.py from the constraints."
        (ROOT / name).write_text("\n".join([head, *lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
