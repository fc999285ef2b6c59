"""Lessons on the command line: check an author's files, and print handouts. Knows files; lessons are read below."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from ..core.errors import Problem, counted
from .endings import guarded


def add_lessons(commands: Any) -> None:
    """Put the command beside the others."""
    command = commands.add_parser("lessons", help="check lessons, or print them as handouts")
    actions = command.add_subparsers(dest="action", required=True, metavar="action")
    check = actions.add_parser("check", help="read lessons, compute every key, and tell the line at fault")
    check.add_argument("files", nargs="+", metavar="FILE", help="a Markdown file")
    check.add_argument("--json", action="store_true", help="tell refusals as the API does, a line each")
    check.add_argument("--keys", action="store_true", help="also print every question with its answers")
    check.set_defaults(run=_check)
    handout = actions.add_parser("handout", help="write a lesson as PDF, its answers at the end")
    handout.add_argument("file", metavar="FILE", help="a Markdown file")
    handout.add_argument("-o", "--output", required=True, metavar="FILE", help="the PDF to write")
    handout.set_defaults(run=_handout)


def _check(options: argparse.Namespace) -> int:
    from ..lessons.library import lesson_in

    status = 0
    for name in options.files:
        try:
            lesson = lesson_in(Path(name))
        except Problem as problem:
            status = 1
            if options.json:
                print(json.dumps({"file": name, **problem.to_json()}, ensure_ascii=False))
            else:
                print(f"{name}:{located(problem)}", file=sys.stderr)
            continue
        if options.json:
            print(json.dumps({"file": name, **lesson.listed()}, ensure_ascii=False))
            continue
        steps, questions = counted(len(lesson.steps), "step"), counted(lesson.questions, "question")
        print(f"{name}: {lesson.title}, {steps}, {questions}")
        if options.keys:
            _print_keys(lesson)
    return status


def located(problem: Problem) -> str:
    """A refusal as compilers tell one: line, column, what is wrong, how to mend it."""
    at = problem.position
    place = f"{at.line}:{at.column}: " if at else " "
    return f"{place}{problem.value}: {problem.reason}. {problem.remedy}"


def _print_keys(lesson: Any) -> None:
    from ..lessons.prose import plain_text

    for number, step in enumerate(lesson.steps, start=1):
        if step.ask is None:
            continue
        print(f"  {number}. {step.title}: {plain_text(step.ask.prompt[0]['content'])}")
        for answer in step.ask.answers:
            why = "right" if answer.right else plain_text(answer.explanation or [])
            print(f"     {plain_text(answer.content)}: {why}")


@guarded
def _handout(options: argparse.Namespace) -> int:
    from ..lessons.library import lesson_in
    from ..lessons.paper.pages import handout

    try:
        Path(options.output).write_bytes(handout(lesson_in(Path(options.file))))
    except Problem as problem:
        print(f"{options.file}:{located(problem)}", file=sys.stderr)
        return 1
    return 0
