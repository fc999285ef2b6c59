"""Shorter modules do what the long ones do: every form of the language that the page uses, run both ways."""

from __future__ import annotations

import json
import os
import shutil
import subprocess

import pytest

from app.web.assets import home
from app.web.minify import Unreadable, minified

# Each is the body of a function of `input`; both ways must return the same.
PROGRAMS = {
    "shorthands and patterns": """
        const first = input; const { length, [0]: head, ...rest } = { ...[1, 2, 3], length: 3 };
        const wide = 4; const made = { first, wide, nested: { wide, deep: [wide] }, method(wide) { return wide * 2; } };
        const { nested: { deep: [inside], wide: again = 9 }, missing = 7 } = made;
        return [length, head, rest, made.method(inside), again, missing, made];
    """,
    "getters, classes and private fields": """
        class Counter { #count = 0; static made = 1; step = 2; get count() { return this.#count; }
          add(step) { this.#count += step ?? this.step; return this; } }
        class Twice extends Counter { add(step) { super.add(step); return super.add(step); } }
        const counter = new Twice(); counter.add(3).add();
        return [counter.count, Twice.made, counter.step];
    """,
    "templates, strings and regular expressions": r"""
        const place = "a/b"; const count = 2; const pattern = /[/}`"]+\/(?<rest>\w+)/g;
        const text = `${place} is ${count > 1 ? `many: ${[1, 2].map((one) => `${{ one }.one}`)
          .join("/")}` : "one"} \${`;
        if (!/\d+/.test(text) && count > 3) return 0;
        return [text, "x/}y".replace(pattern, "-"), 8 / 2 / 2, place.split("/").length / 2];
    """,
    "shadows, defaults, loops and labels of cases": """
        const value = 1; const shown = (value, other = value) => { const inner = value + other; return inner; };
        let sum = 0; for (const [at, value] of [5, 6].entries()) sum += at * value;
        for (const key in { a: 1, b: 2 }) sum += key.length;
        const kind = "b"; switch (kind) { case "a": { sum = 0; break; } case "b": { const value = 3; sum += value; } }
        return [shown(2), shown(2, 3), value, sum, ((sum) => -sum - -1)(2), sum++ + +1];
    """,
    "what a browser has under the same name": """
        const name = "own"; const event = { status: 1, top: 2 }; const { status, top } = event;
        try { missing(); } catch (problem) { return [name, status, top, problem instanceof ReferenceError]; }
    """,
    "optional and computed access, spreads, async": """
        const none = null; const held = { ["a" + 1]: 1, get b() { return 2; }, async c() { return 3; }, "d e": 4 };
        const all = [...new Set([1, 1, 2]), ...Object.values(held).filter((one) => typeof one === "number")];
        return [none?.x?.[0], held?.a1, held.b ?? 5, all, typeof held.c, void 0 === none?.y];
    """,
    "generators and ternaries with objects": """
        function* counting(most) { for (let at = 0; at < most; at++) yield at; }
        const most = 3; const made = most > 2 ? { most, list: [...counting(most)] } : { most };
        const pick = (one) => (one ? { one } : { other: one }); const both = ({ one, two = one }) => one + two;
        return [made, pick(1), pick(0), both({ one: 4 })];
    """,
}


def node() -> str:
    found = shutil.which("node")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("node is not installed, and CI must run what the page loads")
        pytest.skip("node is not installed")
    return found


def test_every_form_does_the_same_when_it_is_shorter() -> None:
    script = []
    for body in PROGRAMS.values():
        function = f"(input) => {{{body}}}"
        short = minified(f"const run = {function};").strip()
        assert len(short) < len(function)
        name = short.removeprefix("const ").split("=", 1)[0]
        script.append(f"told.push([(() => {{ const run = {function}; return run(5); }})(),")
        script.append(f"(() => {{ {short} return {name}(5); }})()]);")
    source = "\n".join(["const told = [];", *script, "console.log(JSON.stringify(told));"])
    done = subprocess.run([node(), "-e", source], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    for name, (long, short) in zip(PROGRAMS, json.loads(done.stdout), strict=True):
        assert long == short, name


def test_properties_strings_and_names_of_the_browser_stay() -> None:
    made = minified("const wide = 1;\nconst all = { wide, tall: wide };\nlocation.wide = `${wide} wide`;\n")
    assert made == "const a=1;const b={wide:a,tall:a};location.wide=`${a} wide`;\n"
    assert minified("const history = 1;\nhistory;\n") == "const history=1;history;\n"


def test_a_module_with_its_own_exports_keeps_its_names() -> None:
    source = 'import { a as b } from "./c.js";\n// Said.\nexport const told = b + 1;\n'
    assert minified(source, names=False) == 'import{a as b}from"./c.js";export const told=b+1;\n'


def test_every_module_of_the_page_is_shorter_and_still_a_module() -> None:
    sources = [path.read_text(encoding="utf-8") for path in sorted(home("static").glob("js/*.js"))]
    made = [minified(source, names=False) for source in sources]
    assert sum(map(len, made)) < 0.7 * sum(map(len, sources))
    check = "const { SourceTextModule } = require('vm'); for (const one of JSON.parse(require('fs').readFileSync(0)))"
    check += " new SourceTextModule(one);"
    command = [node(), "--experimental-vm-modules", "--no-warnings", "-e", check]
    done = subprocess.run(
        command, input=json.dumps(made), capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr


def test_what_cannot_be_read_is_refused() -> None:
    with pytest.raises(Unreadable):
        minified("const a = @;")
