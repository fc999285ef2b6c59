"""Runs axe-core on a page and writes down what it found, one violation a paragraph."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


def accessibility_violations(page: Page) -> str:
    """The faults that axe finds in the page as it is now; empty when there are none."""
    _load(page)
    found: dict[str, Any] = page.evaluate(
        """async (tags) => {
            const { violations } = await axe.run(document, {
                runOnly: { type: "tag", values: tags },
                resultTypes: ["violations"],
            });
            return { violations };
        }""",
        list(TAGS),
    )
    return "\n\n".join(_described(violation) for violation in found["violations"])


def _load(page: Page) -> None:
    """The page's policy forbids foreign scripts, so the source goes in by the debugger, which no policy holds."""
    if page.evaluate("() => typeof axe === 'object'"):
        return
    session = page.context.new_cdp_session(page)
    try:
        answer = session.send("Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8")})
    finally:
        session.detach()
    if details := answer.get("exceptionDetails"):
        raise AssertionError(f"axe did not load: {details}")


def _described(violation: dict[str, Any]) -> str:
    lines = [f"{violation['id']} ({violation['impact']}): {violation['help']}"]
    for node in violation["nodes"]:
        target = " ".join(str(part) for part in node["target"])
        reason = "; ".join(
            check["message"]
            for kind in ("any", "all", "none")
            for check in node[kind]
            if check.get("message")
        )
        lines.append(f"  {target}: {reason}\n    {node['html'][:200]}")
    return "\n".join(lines)
