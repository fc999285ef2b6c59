"""The page's modules joined: each export in its place, nothing evaluated twice, and no other style of module."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from app.web import bundle
from app.web.assets import ALONE, ENTRIES, Assets, home
from app.web.compact import shortened

SOURCES = {path.stem: path.read_text(encoding="utf-8") for path in sorted(home("static").glob("js/*.js"))}

# Imports every module as it is served and as it is written, and compares the names and kinds of their exports.
COMPARE = """
globalThis.document = { documentElement: {} };
const [served, written, ...names] = process.argv.slice(1);
const told = (module) => Object.entries(module).filter(([name]) => !name.startsWith("$_"))
  .map(([name, value]) => `${name}: ${typeof value}`).sort();
const differing = [];
for (const name of names) {
  const [one, other] = [await import(`${served}/${name}.js`), await import(`${written}/${name}.js`)].map(told);
  if (JSON.stringify(one) !== JSON.stringify(other)) differing.push([name, one, other]);
}
console.log(JSON.stringify(differing));
"""


def node() -> str:
    """Node's address; under CI it must be there."""
    found = shutil.which("node")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("node is not installed, and CI must run what the page loads")
        pytest.skip("node is not installed: the joined modules are not run")
    return found


def laid(folder: Path, texts: dict[str, str]) -> Path:
    """Modules as files that Node takes for modules."""
    folder.mkdir()
    (folder / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    for name, text in texts.items():
        (folder / f"{name}.js").write_text(text, encoding="utf-8")
    return folder


def run(*command: str) -> object:
    """What a program for Node prints, as JSON."""
    done = subprocess.run(
        [node(), "--input-type=module", "-e", *command],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_modules_that_come_later_are_the_same_as_they_are_written(tmp_path: Path) -> None:
    # The pages themselves cannot be evaluated without their elements; the rest of the first file is here "stage".
    texts = bundle.joined(["stage", *(one for one in ENTRIES if one != "main")], SOURCES, "x")
    served = laid(
        tmp_path / "served", {name: shortened(text, "text/javascript") for name, text in texts.items()}
    )
    written = laid(tmp_path / "written", SOURCES)
    names = sorted(set(SOURCES) - {"main", "stage", ALONE})
    assert run(COMPARE, str(served), str(written), *names) == []


def test_the_first_file_needs_no_other_and_none_brings_a_joined_module_again() -> None:
    assets = Assets(home("static"))
    held: dict[str, str] = {}
    for entry in ENTRIES:
        held.update(dict.fromkeys(set(bundle.in_order(entry, SOURCES)) - set(held), entry))
    assert '"./' not in "".join(re.findall(r"^import.*?;", assets.files["js/main.js"].body.decode()))
    for name in {*ENTRIES, *(set(SOURCES) - set(held))} - {ALONE}:
        taken = set(re.findall(r'from"\./([\w-]+)\.js"', assets.files[f"js/{name}.js"].body.decode()))
        assert taken <= set(ENTRIES) | (set(SOURCES) - set(held)), name


def test_another_page_does_not_bring_the_instrument() -> None:
    alone = Assets(home("static")).files[f"js/{ALONE}.js"].body.decode()
    assert not re.search(r'(from|import)"', alone)


MODULES = {
    "one": "// One.\n/** A. */\nexport const a = 1;\nexport function b() {\n  return a;\n}\n",
    "two": '// Two.\nexport { a as c } from "./one.js";\nexport class D {}\n',
    "main": 'import { b } from "./one.js";\nimport { c as e, D } from "./two.js";\n'
    'globalThis.told = [b(), e, D.name, async () => (await import("./far.js")).f()];\n',
    "far": 'import { b, a as z } from "./one.js";\nimport { g } from "./near.js";\nexport { D } from "./two.js";\n'
    'export function f() {\n  return [b(), z, g(), import("./two.js")];\n}\n',
    "near": 'import { c } from "./two.js";\nexport function g() {\n  return 2 * c;\n}\n',
}


def test_every_style_of_import_and_export_is_joined() -> None:
    made = bundle.joined(["main"], MODULES, "s")
    assert made["main"] == (
        "export const $_s = (() => {\n"
        "const [one$a, one$b] = (() => {\n// One.\n/** A. */\nconst a = 1;\nfunction b() {\n  return a;\n}\n"
        "return [a, b];\n})();\n"
        "const [two$D] = (() => {\n// Two.\nclass D {}\nreturn [D];\n})();\n"
        "(() => {\nconst b = one$b, e = one$a, D = two$D;\n"
        'globalThis.told = [b(), e, D.name, async () => (await import("./far.js")).f()];\n})();\n'
        "return [one$a, one$b, two$D];\n})();\n"
    )
    assert made["far"] == (
        'import { $_s as $$main } from "./main.js";\nconst b = $$main[1], z = $$main[0];\n'
        'import { g } from "./near.js";\n'
        'export function f() {\n  return [b(), z, g(), import("./two.js")];\n}\n'
        "export const D = $$main[2];\n"
    )
    assert made["two"] == (
        'import { $_s as $$main } from "./main.js";\nexport const D = $$main[2];\nexport const c = $$main[0];\n'
    )
    assert made["one"] == MODULES["one"]


def test_a_second_entry_takes_from_the_first_and_gives_to_what_is_later(tmp_path: Path) -> None:
    made = bundle.joined(["main", "near"], MODULES, "s")
    assert made["near"] == (
        'import { $_s as $$main } from "./main.js";\nexport const $_s = (() => {\n'
        "const [near$g] = (() => {\nconst c = $$main[0];\nfunction g() {\n  return 2 * c;\n}\n"
        "return [g];\n})();\nreturn [near$g];\n})();\n"
    )
    served = laid(tmp_path / "served", made)
    tell = f"""
      await import("{served}/main.js");
      const [one, two, name, later] = globalThis.told;
      const [three, four, five, facade] = await later();
      const same = (await facade).D === (await import("{served}/far.js")).D;
      console.log(JSON.stringify([one, two, name, three, four, five, (await facade).c, same]));
    """
    assert run(tell) == [1, 1, "D", 1, 1, 2, 1, True]


def test_files_of_two_versions_refuse_each_other(tmp_path: Path) -> None:
    made = bundle.joined(["main"], MODULES, "old") | {"far": bundle.joined(["main"], MODULES, "new")["far"]}
    served = laid(tmp_path / "served", made)
    tell = f'console.log(JSON.stringify(await import("{served}/far.js").catch((error) => error.name)));'
    assert run(tell) == "SyntaxError"


def test_a_circle_and_another_style_are_refused() -> None:
    circle = {"a": 'import { b } from "./b.js";\n', "b": 'import { a } from "./a.js";\n'}
    with pytest.raises(bundle.Unjoinable, match="a imports b imports a: a circle"):
        bundle.in_order("a", circle)
    with pytest.raises(bundle.Unjoinable, match="no import or export"):
        bundle.joined(["a"], {"a": "export default 1;\n"}, "s")
