"""The subjects of commits: short, with an area and an imperative. Knows what Git tells of the last ones."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.house.files import ROOT

LAST = 20  # commits that are read: those of a branch that is to be merged
FROM = "2026-12-01T00:00:00Z"  # when the rule began
LONGEST = 72
SUBJECT = re.compile(r"[a-z][\w/.-]*: [a-z0-9`./][^\n]*[^.\s]")
# Subjects that git revert and git merge write by themselves.
MADE = ("Merge ", 'Revert "')
# Words that end as verbs of another form do, and are none.
BASE_FORMS = {
    "embed",
    "feed",
    "need",
    "pass",
    "press",
    "process",
    "seed",
    "speed",
    "address",
    "discuss",
    "express",
}


def offence(subject: str) -> str | None:
    """Why a subject breaks the rule, or None."""
    if subject.startswith(MADE):
        return None
    if len(subject) > LONGEST:
        return f"{subject}: {len(subject)} characters, and at most {LONGEST} may be"
    if not SUBJECT.fullmatch(subject):
        return f"{subject}: write it as area: imperative summary, without a full stop"
    verb = subject.partition(": ")[2].split()[0].lower()
    if verb.endswith(("ed", "ing")) and verb not in BASE_FORMS | {"bring"}:
        return f"{subject}: begin with an imperative, not with {verb}"
    return None


@pytest.mark.parametrize(
    "subject",
    [
        "core: find divisors up to the square root",
        "docs: say in each module's first lines what it must not know",
        "static/js: bring words after the opening picture",
        "Merge branch 'other'",
    ],
)
def test_a_subject_that_keeps_the_rule_is_let_through(subject: str) -> None:
    assert offence(subject) is None


@pytest.mark.parametrize(
    ("subject", "reason"),
    [
        ("Decisions: playing on, and the colours of rounding", "area: imperative"),
        ("The banner stands with the other rules", "area: imperative"),
        ("core: find divisors.", "area: imperative"),
        ("core: " + "find divisors " * 6, "characters"),
        ("core: added a combine", "not with added"),
        ("core: adding a combine", "not with adding"),
    ],
)
def test_a_subject_that_breaks_the_rule_is_noticed(subject: str, reason: str) -> None:
    assert reason in str(offence(subject))


def test_new_commits_keep_the_rule() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("This is no checkout: it has no commits.")
    command = ["git", "log", f"-{LAST}", f"--since={FROM}", "--format=%s"]
    subjects = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert [problem for subject in subjects if (problem := offence(subject))] == []
