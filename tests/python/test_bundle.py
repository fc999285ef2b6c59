"""The page's modules joined into one: the same exports, nothing evaluated twice, and no other style of module."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from app.web import bundle
from app.web.assets import Assets, home
from app.web.compact import shortened

SOURCES = {path.stem: path.read_text(encoding="utf-8") for path in sorted(home("static").glob("js/*.js"))}

COMPARE = """
const [folder, ...names] = process.argv.slice(1);
const joined = await import(`${folder}/joined.mjs`);
const differing = [];
for (const name of names) {
  const own = Object.keys(await import(`${folder}/${name}.mjs`)).sort();
  const told = Object.keys(joined[`$${name.replaceAll("-", "_")}`]).sort();
  if (JSON.stringify(own) !== JSON.stringify(told)) differing.push([name, own, told]);
}
console.log(JSON.stringify(differing));
"""


def test_the_joined_module_exports_what_its_modules_do(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        if os.environ.get("CI"):
            pytest.fail("node is not installed, and CI must run what the page loads")
        pytest.skip("node is not installed: the joined module is not run")
    first = bundle.in_order("main", SOURCES)[:-1]
    for name in first:
        (tmp_path / f"{name}.mjs").write_text(SOURCES[name].replace('.js"', '.mjs"'), encoding="utf-8")
    (tmp_path / "joined.mjs").write_text(
        shortened(bundle.joined(first, SOURCES), "text/javascript"), encoding="utf-8"
    )
    command = [node, "--input-type=module", "-e", COMPARE, str(tmp_path), *first]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []


def test_a_first_view_takes_four_files_and_what_comes_later_imports_from_the_joined_one() -> None:
    assets = Assets(home("static"))
    joined, entry = assets.files["js/joined.js"].body.decode(), assets.files["js/main.js"].body.decode()
    assert 'from"./joined.js"' in entry
    assert 'from"./' not in joined
    for name in set(SOURCES) - set(bundle.in_order("main", SOURCES)):
        later = assets.files[f"js/{name}.js"].body.decode()
        taken = set(re.findall(r'from"\./([\w-]+)\.js"', later))
        assert not taken & set(bundle.in_order("main", SOURCES)), name


def test_imports_and_exports_of_every_style_are_joined() -> None:
    sources = {
        "one": "// One.\n/** A. */\nexport const a = 1;\nexport function b() {\n  return a;\n}\n",
        "two": '// Two.\nexport { a as c } from "./one.js";\nexport class D {}\n',
        "main": 'import { b } from "./one.js";\nimport { c as e, D } from "./two.js";\nconsole.log(b, e, D);\n',
    }
    order = bundle.in_order("main", sources)
    assert order == ["one", "two", "main"]
    assert bundle.joined(order[:-1], sources) == (
        "export const $one = (() => {\n// One.\n/** A. */\nconst a = 1;\nfunction b() {\n  return a;\n}\n"
        "return { a, b };\n})();\n"
        "export const $two = (() => {\n// Two.\nclass D {}\nreturn { D, c: $one.a };\n})();\n"
    )
    assert bundle.importing(sources["main"], {"one", "two"}) == (
        'import { $one, $two } from "./joined.js";\n'
        "const { b } = $one;\nconst { c: e, D } = $two;\nconsole.log(b, e, D);\n"
    )
    assert bundle.importing(sources["main"], set()) == sources["main"]


def test_a_circle_and_another_style_are_refused() -> None:
    circle = {"a": 'import { b } from "./b.js";\n', "b": 'import { a } from "./a.js";\n'}
    with pytest.raises(bundle.Unjoinable, match="a imports b imports a: a circle"):
        bundle.in_order("a", circle)
    with pytest.raises(bundle.Unjoinable, match="no import or export"):
        bundle.joined(["a"], {"a": "export default 1;\n"})
