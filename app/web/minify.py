"""Makes a module of the page shorter: no comments, no spaces, short names for what only the module itself sees.

Names are replaced one for one throughout a module, so that scopes need not be known: two names that were different
stay different, and a name that was hidden by another still is. A name is replaced only when the module declares it
and when it is none that a browser has. Knows the page's own style (a formatter puts every semicolon) and nothing of
imports; a template's text, strings and properties stay as they are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*|/\*.*?\*/)
    |(?P<word>\#?[A-Za-z_$][\w$]*)
    |(?P<number>0[xXbBoO][\da-fA-F_]+n?|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?n?)
    |(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    |(?P<sign>=>|\?\.(?!\d)|\.\.\.|[{}()\[\];,:.?`]|/=?|[<>=!+\-*%&|^~]+)""",
    re.VERBOSE | re.DOTALL,
)
_REGEX = re.compile(r"/(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*")
_TEMPLATE = re.compile(r"(?:[^`\\$]|\\.|\$(?!\{))*", re.DOTALL)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_KEYWORDS = _words("""
    await break case catch class const continue debugger default delete do else export extends false finally for
    function if import in instanceof let new null return static super switch this throw true try typeof undefined
    var void while with yield async of get set from as arguments eval
""")
# What a browser has under a small first letter; a module may declare the same name, so it is left alone.
_GLOBALS = _words("""
    addEventListener alert atob btoa caches cancelAnimationFrame clearInterval clearTimeout close closed confirm
    console crypto decodeURI decodeURIComponent devicePixelRatio dispatchEvent document encodeURI
    encodeURIComponent event external fetch find focus frames getComputedStyle getSelection globalThis history
    indexedDB innerHeight innerWidth isFinite isNaN isSecureContext length localStorage location matchMedia name
    navigator onerror open opener origin outerHeight outerWidth parent parseFloat parseInt performance
    postMessage print prompt queueMicrotask removeEventListener reportError requestAnimationFrame
    requestIdleCallback resizeTo screen scroll scrollBy scrollTo scrollX scrollY self sessionStorage setInterval
    setTimeout status stop structuredClone top trustedTypes visualViewport window
""")
_BEFORE_VALUE = _words("return typeof case in of delete void throw new else do await yield instanceof")
_BLOCKS_AFTER = frozenset([")", "=>", ";", "{", "}", "else", "try", "finally", "do", ""])
_CONDITIONS = _words("if for while switch with catch")
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"


class Unreadable(Exception):
    """A module that is written otherwise than this can read."""


def minified(source: str, *, names: bool = True) -> str:
    """The module, with the same behaviour and the same properties; without ``names`` every name stays.

    A module with imports or exports of its own keeps its names.
    """
    tokens = list(_tokens(source))
    return _printed(_renamed(tokens) if names else tokens)


# ------------------------------------------------------------------------------------- reading


def _tokens(source: str) -> Iterator[tuple[str, str]]:
    """Kind and text of each token; a template comes in pieces around its expressions."""
    at = 0
    before = ("", "")
    templates: list[int] = []  # open braces within each template that is open
    while at < len(source):
        if source[at] == "}" and templates and templates[-1] == 0:
            templates.pop()
            at, before = _template(source, at, templates)
            yield before
            continue
        slash = source[at] == "/" and source[at + 1] not in "/*" and _begins_value(before)
        found = _REGEX.match(source, at) if slash else _TOKEN.match(source, at)
        if found is None:
            raise Unreadable(f"{source[at : at + 40]!r}")
        kind = "regex" if slash else str(found.lastgroup)
        text = found[0]
        if text == "`":
            at, before = _template(source, at, templates)
            yield before
            continue
        at = found.end()
        if kind == "space":
            continue
        if templates and text in "{}":
            templates[-1] += 1 if text == "{" else -1
        before = (kind, text)
        yield before


def _template(source: str, at: int, templates: list[int]) -> tuple[int, tuple[str, str]]:
    """The piece of a template that begins with ` or }, up to ` or ${."""
    end = _TEMPLATE.match(source, at + 1).end()  # type: ignore[union-attr]
    if source[end] == "$":
        templates.append(0)
        end += 1
    kind = "open" if source[at] == "`" else "middle"
    last = "" if source[end] == "{" else " end"
    return end + 1, (f"template {kind}{last}", source[at : end + 1])


def _begins_value(before: tuple[str, str]) -> bool:
    """Whether a value can follow: there a slash begins a regular expression."""
    kind, text = before
    if kind == "word":
        return text in _BEFORE_VALUE
    if kind.startswith("template"):
        return not kind.endswith("end")
    return kind == "" or (kind == "sign" and text not in (")", "]", "}"))


# ------------------------------------------------------------------------------------- names


def _renamed(tokens: list[tuple[str, str]]) -> list[tuple[str, str]]:
    roles, declared = _roles(tokens)
    used = Counter(text for (_, text), role in zip(tokens, roles, strict=True) if role != "key")
    wanted = sorted(
        (name for name in declared if name not in _KEYWORDS | _GLOBALS and not name.startswith("$")),
        key=lambda name: (-used[name], name),
    )
    taken = {text for kind, text in tokens if kind == "word"} - set(wanted)
    names = dict(zip(wanted, (name for name in _short_names() if name not in taken), strict=False))
    made = []
    for (kind, text), role in zip(tokens, roles, strict=True):
        short = names.get(text)
        if short is None or role in ("", "key"):
            made.append((kind, text))
        elif role == "both":
            made += [("word", text), ("sign", ":"), ("word", short)]
        else:
            made.append(("word", short))
    return made


def _short_names() -> Iterator[str]:
    yield from _LETTERS
    for first in _LETTERS:
        for second in _LETTERS + "0123456789":
            if first + second not in _KEYWORDS:
                yield first + second


def _roles(tokens: list[tuple[str, str]]) -> tuple[list[str], set[str]]:
    """What each word is: a name, a key, both (a shorthand), or nothing; and which names the module declares."""
    roles = [""] * len(tokens)
    pairs = _pairs(tokens)
    objects: list[str] = []  # what each open bracket holds: "object", "class", or anything else
    for at, (kind, text) in enumerate(tokens):
        before = tokens[at - 1][1] if at > 0 else ""
        after = tokens[at + 1][1] if at + 1 < len(tokens) else ""
        if text in ("{", "(", "[") and kind == "sign":
            objects.append(_holds(tokens, at) if text == "{" else text)
        elif kind == "template open":
            objects.append("`")
        elif kind == "template middle end" or (text in ("}", ")", "]") and kind == "sign"):
            objects.pop()
        elif kind == "word" and not text.startswith("#") and text not in _KEYWORDS:
            within = objects[-1] if objects else ""
            roles[at] = _role(within, before, after, tokens[at - 2][1] if at > 1 else "")
    declared: set[str] = set()
    for at, (kind, text) in enumerate(tokens):
        if kind != "word" and text not in ("(", "=>"):
            continue
        for first, last in _declarations(tokens, pairs, at):
            declared |= {tokens[one][1] for one in range(first, last) if roles[one] in ("name", "both")}
    return roles, declared


def _role(within: str, before: str, after: str, earlier: str) -> str:
    if before in (".", "?."):
        return "key"
    first = before in ("{", ",") or (
        before in ("get", "set", "async", "static", "*") and earlier in ("{", ",", "}", ";")
    )
    if within == "object" and first:
        if after in (",", "}", "="):
            return "both"
        return "key"
    if within == "class" and after in ("(", "=", ";") and (first or before in ("}", ";")):
        return "key"
    return "name"


def _holds(tokens: list[tuple[str, str]], at: int) -> str:
    """Whether a brace opens an object (or a pattern), the body of a class, or a block."""
    before = tokens[at - 1] if at > 0 else ("", "")
    if before[1] == ":" and before[0] == "sign":
        back = at - 1
        while back > 0 and tokens[back][1] not in (";", "{", "}", ",", "(", "?", "case", "default"):
            back -= 1
        return "block" if tokens[back][1] in ("case", "default") else "object"
    for back in range(at - 1, max(-1, at - 6), -1):
        if tokens[back][1] == "class":
            return "class"
        if tokens[back][0] != "word" and tokens[back][1] != ".":
            break
    return "block" if before[1] in _BLOCKS_AFTER and before[0] in ("sign", "word", "") else "object"


def _pairs(tokens: list[tuple[str, str]]) -> dict[int, int]:
    """Each bracket's partner."""
    pairs: dict[int, int] = {}
    opened: list[int] = []
    for at, (kind, text) in enumerate(tokens):
        if kind != "sign":
            continue
        if text in ("(", "[", "{"):
            opened.append(at)
        elif text in (")", "]", "}"):
            first = opened.pop()
            pairs[first], pairs[at] = at, first
    return pairs


def _declarations(tokens: list[tuple[str, str]], pairs: dict[int, int], at: int) -> Iterator[tuple[int, int]]:
    """The ranges of tokens that declare names, from a keyword, a list of parameters or an arrow on."""
    text = tokens[at][1]
    after = at + 1
    if text in ("const", "let", "var", "function", "class"):
        if after < len(tokens) and tokens[after][1] == "*":
            after += 1
        yield after, pairs.get(after, after) + 1
    elif text == "=>" and tokens[at - 1][0] == "word":
        yield at - 1, at
    elif text == "(":
        close = pairs[at]
        following = tokens[close + 1][1] if close + 1 < len(tokens) else ""
        leading = tokens[at - 1][1] if at > 0 else ""
        if following == "=>" or leading == "catch" or (following == "{" and leading not in _CONDITIONS):
            yield at + 1, close


# ------------------------------------------------------------------------------------- writing


def _printed(tokens: list[tuple[str, str]]) -> str:
    written = []
    last = ""
    for kind, text in tokens:
        if last and _apart(last, kind, text):
            written.append(" ")
        written.append(text)
        last = text[-1]
    return "".join(written) + "\n"


def _apart(last: str, kind: str, text: str) -> bool:
    first = text[0]
    if kind in ("word", "number") and (last.isalnum() or last in "_$"):
        return True
    return (first == last and first in "+-") or (last == "/" and first == "/")
