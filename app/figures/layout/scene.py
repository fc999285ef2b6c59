"""A figure of one step as marks: decides everything and writes no file. Pure functions of a replay."""

from __future__ import annotations

import math

import numpy as np

from ...core.padding import FILLED
from ..content.shown import Cell, Replay, Shown
from ..content.words import (
    LEADING,
    set_lines,
    where,
    worked,
    wrapped,
)
from ..drawing import font
from ..drawing.colours import ink_on, mixed, packed
from ..drawing.marks import (
    Data,
    Figure,
    Group,
    Lines,
    Mark,
    Point,
    Style,
    Text,
)
from ..drawing.numbers import ABOUT_ZERO
from .arrangement import SIGN, Arrangement
from .grid import (
    Frame,
    Print,
    fitting,
    hatching,
)
from .looks import Look, Scales
from .places import STACKED, Places, Spot

LATTICE = 5.0  # points: smaller cells have no lines between them
SOFT = 7.5  # points, ten pixels of the page: smaller cells have deep colours, unless numbers stand on them
DIMMED = 0.45  # how much of the ground lies over cells that no step reads
UNREAD = 0.5  # how much of the ground is in their hatching
# How much of a role's colour fills its cells, and those of the step, where fills are roles.
TINT, STRONG, BETWEEN = 0.24, 0.5, 0.75  # and of the lines between them


class Scene:
    """The figures of one replayed layer in one look; all steps have the same scales, sizes and places."""

    def __init__(self, replay: Replay, look: Look) -> None:
        self.replay, self.look = replay, look
        layer, walk = replay.layer, replay.walk
        self.arrangement = Arrangement(layer, walk, look, scattering=replay.scattering)
        self.grids, self.width = self.arrangement.grids, self.arrangement.width
        final = replay.at(None)
        plane = layer.x[replay.channel].astype(np.float64)
        kernel = final.kernel(replay.channel)
        held = [walk.fill] if walk.axes[0].source.mode == "constant" else []
        theme, picture = look.theme, look.picture
        plain = picture and not layer.geometry.weighted
        inputs = _range(plane.ravel().tolist() + held)
        product = max(-inputs[0], inputs[1]) * _reach(kernel) if layer.geometry.weighted else 0.0
        self.scales = Scales(
            theme.scale(*inputs, picture=picture),
            theme.scale(-1.0 * _reach(kernel), _reach(kernel), picture=False),
            theme.scale(*_range(final.values.ravel().tolist()), picture=plain, product=product),
        )
        self.prints: dict[str, Print | None] = {}
        self.soft: dict[str, bool] = {}
        # Three channels as one: not where they were moved about zero, since no colour is darker than black.
        self.rgb = look.rgb and walk.channels == 3 and len(walk.axes) == 2 and float(layer.x.min()) >= 0
        self._values = {
            "input": [*plane.ravel().tolist(), *([walk.fill] if _pads(final) else [])],
            "kernel": [] if kernel is None else kernel.ravel().tolist(),
            "output": final.values[~final.noise].tolist(),
        }
        self._noisy = bool(final.noise.any())

    # ------------------------------------------------------------------------------------- one figure

    def figure(self, step: int | None, lines: int = 0) -> Figure:
        """The figure of a step, or of the final state; ``lines`` keeps room for as many lines of the sum."""
        shown, look = self.replay.at(step), self.look
        first_tap = min((cell[2] for cell in shown.taps), default=None)
        places = self.arrangement.places(first_tap)
        for name, slices in places.slices.items():
            frame = slices[0][1]
            self.prints[name] = (
                fitting(self._values[name], frame, look.font_pt, noise=name == "output" and self._noisy)
                if look.shows("numbers") and not (name == "input" and self.rgb)
                else None
            )
            self.soft[name] = self.prints[name] is not None or frame.cell >= SOFT
        marks: list[Mark] = [self._input(shown, places)]
        if places.connected and step is not None:
            marks.append(self._connections(shown, places))
        if "kernel" in places.slices:
            marks.append(self._kernel(shown, places))
        marks.append(self._output(shown, places))
        marks += self._signs(shown, places)
        if look.shows("headings"):
            marks += [self._heading_mark(name, spot) for name, spot in places.headings.items()]
        words, height = self._words(shown, places.bottom, lines)
        return Figure(self.width, height, look.theme.ground, (*marks, *words), look.clear)

    def sum_lines(self, step: int | None) -> int:
        """How many lines the sum of a step takes."""
        return len(self._sum(self.replay.at(step)))

    def _heading_mark(self, name: str, spot: Spot) -> Text:
        pieces = tuple((text, self._colour(role)) for text, role in self.arrangement.heading(name))
        return Text(spot.x, spot.y, self.arrangement.heading_pt, spot.anchor, pieces, (("heading", name),))

    def _colour(self, role: str) -> str:
        return self.look.theme.word(role)

    def _signs(self, shown: Shown, places: Places) -> list[Mark]:
        size = SIGN * self.look.font_pt
        texts = zip(places.signs, self.arrangement.signs(), strict=False)
        return [
            Text(spot.x, spot.y + size * font.CAPITAL / 2, size, "middle", ((text, self._colour("muted")),))
            for spot, text in texts
        ]

    def _sum(self, shown: Shown) -> list[list[tuple[str, str]]]:
        look, walk = self.look, shown.walk
        first = where(shown)
        if walk.lanes > 1:
            first += f", output channel {shown.lane}"
        if walk.channels > 1:
            first += f", input channel {shown.channel} shown"
        if shown.step is None:
            return [[(first, "muted")]] if walk.lanes > 1 or walk.channels > 1 else []
        return wrapped(((f"{first}: ", "muted"),), worked(shown), look.font_pt, self.width - 2)

    def _words(self, shown: Shown, bottom: float, lines: int) -> tuple[list[Mark], float]:
        look, size = self.look, self.look.font_pt
        lines_of_sum = self._sum(shown) if look.shows("sum") else []
        lines = max(len(lines_of_sum), lines)
        y = bottom + 1.5 * size
        marks: list[Mark] = []
        if lines:
            marks.append(Group("sum", tuple(set_lines(lines_of_sum, 1, y, size, self._colour, "sum"))))
            y += size * (1 + LEADING * (lines - 1) + 0.6)
        if look.shows("formula"):
            worked_out = self.arrangement.formula_lines()
            marks.append(Group("formula", tuple(set_lines(worked_out, 1, y, size, self._colour, "formula"))))
        return marks, bottom + self.arrangement.text_height(lines)

    # ------------------------------------------------------------------------------------- the grids

    def _stack(self, frame: Frame, behind: int, role: str, offset: float) -> list[Mark]:
        """The outlines of the planes behind a grid, the furthest first."""
        theme = self.look.theme
        style = Style(theme.ground, theme.colour(role), theme.thin, theme.dash(role, theme.thin))
        made: list[Mark] = []
        for index in range(min(behind, STACKED), 0, -1):
            away = Frame(
                frame.x + index * offset,
                frame.y - index * offset,
                frame.cell,
                frame.rows,
                frame.cols,
                frame.top,
                frame.left,
                frame.slant,
                frame.squash,
            )
            made.append(away.all_cells(style))
        return made

    def _cell(self, role: str, frame: Frame, fill: str) -> Style:
        """A cell with the line to its neighbours, which shows on tinted cells too."""
        theme = self.look.theme
        tinted = self.look.fills == "roles" and fill != theme.ground
        between = theme.tint(role, BETWEEN) if tinted else theme.between(fill)
        if frame.cell < LATTICE:
            between = fill  # lines would darken the picture, and without any its cells would not meet
        return Style(fill, between, frame.hairline(theme.thin))

    def _edge(self, role: str, line: float) -> Style:
        theme = self.look.theme
        return Style(None, theme.colour(role), line, theme.dash(role, line))

    def _input(self, shown: Shown, places: Places) -> Group:
        marks: list[Mark] = []
        for depth, frame in places.slices["input"]:
            marks += self._stack(frame, self.grids["input"].behind, "input", places.offset)
            marks += self._input_plane(shown, depth, frame)
        return Group("input", tuple(marks))

    def _input_plane(self, shown: Shown, depth: int, frame: Frame) -> list[Mark]:
        theme, roles = self.look.theme, self.look.fills == "roles"
        unread = shown.unread()
        taps = {(row, col) for at, row, col in shown.taps if at == depth}
        areas: list[Mark] = []
        texts: list[Mark] = []
        hatched: list[tuple[int, int]] = []
        left_out: list[tuple[int, int]] = []
        spread = [1] * (3 - len(shown.axes)) + [axis.source.spread for axis in shown.axes]
        for row in shown.input_spans[1]:
            for col in shown.input_spans[2]:
                cell = (depth, row, col)
                kind, value = shown.input_cell(cell)
                data = _data("input", shown, cell, value, kind)
                if kind == "beyond":
                    style = Style(None, theme.hairline, theme.thin, (1.5, 1.5))
                    areas.append(frame.area(row, col, 1, 1, style, data))
                    continue
                held = kind == "cell" or (kind == "padding" and shown.axes[0].source.mode not in FILLED)
                if roles:
                    strong = (row, col) in taps
                    fill = theme.ground
                    if held:
                        fill = theme.tint("input", STRONG if strong else TINT)
                    elif strong:
                        fill = theme.tint("padding", TINT)
                else:
                    fill = self._held(shown, cell, value) if held else theme.unmet
                source = [at // step for at, step in zip(cell, spread, strict=True)]
                if kind == "cell" and any(at in gone for at, gone in zip(source, unread, strict=True)):
                    fill = mixed(fill, theme.ground, DIMMED)
                    left_out.append((row, col))
                if kind in ("padding", "inserted"):
                    hatched.append((row, col))
                areas.append(frame.area(row, col, 1, 1, self._cell("input", frame, fill), data))
                texts += self._number(
                    "input", frame, cell, value, fill, "padding" if kind != "cell" else None
                )
        line = theme.thin
        marks: list[Mark] = [*areas]
        marks += hatching(frame, hatched, mixed(theme.colour("padding"), theme.ground, 0.55), line)
        if frame.cell >= SOFT:
            grey = mixed(theme.muted, theme.ground, UNREAD)
            marks += hatching(frame, left_out, grey, line, mirrored=True)
        marks += texts
        marks += self._edges(shown, frame, depth)
        return marks

    def _held(self, shown: Shown, cell: Cell, value: float) -> str:
        """The colour of a cell of the input by what it holds."""
        scale = self.scales.input
        if not self.rgb:
            return scale.colour(value, soft=self.soft["input"])
        parts = (scale.level(held) for held in shown.input_cells(cell))
        red, green, blue = parts
        return packed(red, green, blue)

    def _edges(self, shown: Shown, frame: Frame, depth: int) -> list[Mark]:
        """Around the input without its padding, and around the window."""
        theme = self.look.theme
        lengths = [1] * (3 - len(shown.axes)) + [axis.source.length for axis in shown.axes]
        marks: list[Mark] = []
        if 0 <= depth < lengths[0]:
            marks.append(frame.area(0, 0, lengths[1], lengths[2], self._edge("input", theme.line)))
        taps = [(row, col) for at, row, col in shown.taps if at == depth]
        if taps:
            marks += self._window(frame, taps, "kernel")
        if shown.layer.geometry.combination.selects and not shown.scattering:
            winner = _winner(shown)
            if winner is not None and winner[0] == depth:
                halo = Style(None, theme.ground, theme.bold + 1.6)
                marks.append(frame.area(winner[1], winner[2], 1, 1, halo))
                data = (("winner", f"{winner[1]},{winner[2]}"),)
                marks.append(frame.area(winner[1], winner[2], 1, 1, self._edge("output", theme.bold), data))
        return marks

    def _window(self, frame: Frame, taps: list[tuple[int, int]], role: str) -> list[Mark]:
        """Taps that touch as one outline; taps with gaps one by one, with dashes around them all."""
        theme = self.look.theme
        top, left = min(row for row, _ in taps), min(col for _, col in taps)
        rows = max(row for row, _ in taps) - top + 1
        cols = max(col for _, col in taps) - left + 1
        halo = Style(None, theme.ground, theme.bold + 1.2)
        marks: list[Mark] = []
        if rows * cols == len(taps):
            data = (("window", f"{top},{left},{rows},{cols}"),)
            marks.append(frame.area(top, left, rows, cols, halo))
            marks.append(frame.area(top, left, rows, cols, self._edge(role, theme.bold), data))
            return marks
        for row, col in taps:
            marks.append(frame.area(row, col, 1, 1, halo))
            data = (("tap", f"{row},{col}"),)
            marks.append(frame.area(row, col, 1, 1, self._edge(role, theme.bold * 0.8), data))
        dashed = Style(None, theme.colour(role), theme.bold * 0.5, (3.0, 2.0))
        marks.append(frame.area(top, left, rows, cols, dashed))
        return marks

    def _kernel(self, shown: Shown, places: Places) -> Group:
        theme, roles = self.look.theme, self.look.fills == "roles"
        kernel = shown.kernel(
            shown.channel if _in_group(shown) else shown.group * shown.walk.channels_per_group
        )
        assert kernel is not None, "a kernel is drawn where there is one"
        marks: list[Mark] = []
        for depth, frame in places.slices["kernel"]:
            marks += self._stack(frame, self.grids["kernel"].behind, "kernel", places.offset)
            texts: list[Mark] = []
            scale = self.scales.kernel
            for row, col in np.ndindex(*kernel.shape[1:]):
                value = float(kernel[depth, row, col])
                fill = theme.tint("kernel", TINT) if roles else scale.colour(value, soft=self.soft["kernel"])
                data = _data("kernel", shown, (depth, row, col), value, None)
                marks.append(frame.area(row, col, 1, 1, self._cell("kernel", frame, fill), data))
                texts += self._number("kernel", frame, (depth, row, col), value, fill)
            marks += [*texts, frame.all_cells(self._edge("kernel", theme.line))]
        return Group("kernel", tuple(marks))

    def _output(self, shown: Shown, places: Places) -> Group:
        theme, roles = self.look.theme, self.look.fills == "roles"
        written = set(shown.written)
        marks: list[Mark] = []
        for depth, frame in places.slices["output"]:
            marks += self._stack(frame, self.grids["output"].behind, "output", places.offset)
            texts: list[Mark] = []
            for row in shown.output_spans[1]:
                for col in shown.output_spans[2]:
                    cell = (depth, row, col)
                    done = bool(shown.done[cell])
                    value = float(shown.values[cell])
                    now = cell in written
                    fill = theme.ground
                    if roles and (done or now):
                        fill = theme.tint("output", STRONG if now else TINT)
                    elif done:
                        fill = self.scales.output.colour(value, soft=self.soft["output"])
                    state = "now" if now else "done" if done else "later"
                    data = _data("output", shown, cell, value if done else None, state)
                    marks.append(frame.area(row, col, 1, 1, self._cell("output", frame, fill), data))
                    if done:
                        noise = bool(shown.noise[cell])
                        texts += self._number("output", frame, cell, value, fill, noise=noise)
            marks += [*texts, frame.all_cells(self._edge("output", theme.line))]
            marks += self._output_edges(shown, frame, depth)
        return Group("output", tuple(marks))

    def _output_edges(self, shown: Shown, frame: Frame, depth: int) -> list[Mark]:
        """Around the cell of the step, or around what is stamped."""
        theme = self.look.theme
        if shown.scattering:
            cells = [(row, col) for at, row, col in shown.written if at == depth]
            return self._window(frame, cells, "kernel") if cells else []
        if shown.position is None or shown.position[0] != depth:
            return []
        _, row, col = shown.position
        return [
            frame.area(row, col, 1, 1, Style(None, theme.ground, theme.bold + 1.2)),
            frame.area(row, col, 1, 1, self._edge("output", theme.bold), (("now", f"{row},{col}"),)),
        ]

    def _number(
        self,
        part: str,
        frame: Frame,
        cell: Cell,
        value: float,
        fill: str,
        role: str | None = None,
        *,
        noise: bool = False,
    ) -> list[Mark]:
        printed = self.prints.get(part)
        if printed is None:
            return []
        theme = self.look.theme
        colour = (
            self._colour(role) if role and fill in (theme.ground, theme.unmet) else ink_on(fill, theme.ink)
        )
        text = ABOUT_ZERO if noise else printed.text(value)
        return [frame.number(cell[1], cell[2], text, printed.size, colour)]

    def _connections(self, shown: Shown, places: Places) -> Group:
        """From the corners of what is read up to those of what is written."""
        theme = self.look.theme
        below, above = places.slices["input"][0][1], places.slices["output"][0][1]
        low = _box([(row, col) for _, row, col in shown.taps])
        high = _box([(row, col) for _, row, col in shown.written])
        if low is None or high is None:
            return Group("connections", ())
        pairs: list[tuple[Point, Point]] = list(zip(below.corners(*low), above.corners(*high), strict=True))
        colour = mixed(theme.colour("kernel"), theme.ground, 0.35)
        return Group("connections", (Lines(tuple(pairs), colour, theme.line * 0.7),))


def _in_group(shown: Shown) -> bool:
    return shown.channel in range(*shown.walk.channels_of(shown.group).indices(shown.walk.channels))


def _winner(shown: Shown) -> Cell | None:
    """The first of the largest cells of a window, where it is an input cell of the shown channel."""
    window = shown.window
    if window is None or not window.count("cell"):
        return None
    real = [tap for tap, kind in enumerate(window.kinds) if kind == "cell"]
    values = window.values[shown.channel - window.channels.start, real]
    return window.cells[real[int(np.argmax(values))]]


def _box(cells: list[tuple[int, int]]) -> tuple[int, int, int, int] | None:
    if not cells:
        return None
    top, left = min(row for row, _ in cells), min(col for _, col in cells)
    return top, left, max(row for row, _ in cells) - top + 1, max(col for _, col in cells) - left + 1


def _data(part: str, shown: Shown, cell: Cell, value: float | None, state: str | None) -> Data:
    """The data of a cell, for whoever reads the file by program."""
    names = [axis.name for axis in shown.axes]
    data = [("grid", part), *zip(names, map(str, cell[3 - len(names) :]), strict=True)]
    if state is not None:
        data.append(("state", state))
    if value is not None:
        data.append(("value", f"{value:.9g}"))
    return tuple(data)


def _pads(shown: Shown) -> bool:
    """Whether anything but input cells is drawn with a number."""
    return any(axis.source.padded_size > axis.source.size for axis in shown.axes)


def _range(values: list[float]) -> tuple[float, float]:
    finite = [value for value in values if math.isfinite(value)]
    return (min(finite), max(finite)) if finite else (0.0, 0.0)


def _reach(kernel: object) -> float:
    if not isinstance(kernel, np.ndarray):
        return 1.0
    finite = np.abs(kernel[np.isfinite(kernel)])
    return float(finite.max()) if finite.size and finite.max() > 0 else 1.0
