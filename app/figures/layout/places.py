"""Where the grids, headings and signs of a figure stand: pure arithmetic on counts of cells and widths of words.

``side`` sets input, kernel and output side by side; ``classic`` looks at them from the side, the output above
the input, as the figures of Dumoulin and Visin do. A series is a strip, a volume a row of slices; both stand
one below the other.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..content.shown import Span
from ..drawing.marks import Anchor
from .grid import Frame

LARGEST_CELL = 40.0  # points
SLANT, SQUASH = 0.44, 0.5
STACKED = 3  # planes behind the first, at most
NARROWEST = 9.0  # points: slices are wrapped rather than made smaller
TALLEST = 1.6  # a figure is at most that many times as high as wide, text left out


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a word stands: its baseline, and to which side of x it reaches."""

    x: float
    y: float
    anchor: Anchor


@dataclass(frozen=True, slots=True)
class GridSize:
    """A grid to be placed: its spans (depth, row, col), planes stacked behind it, the width of its heading."""

    spans: tuple[Span, Span, Span]
    behind: int
    heading: float

    @property
    def rows(self) -> int:
        """Cells down."""
        return self.spans[1].count

    @property
    def cols(self) -> int:
        """Cells across."""
        return self.spans[2].count


@dataclass(slots=True)
class Places:
    """Where everything stands. Slices are by depth; ``bottom`` is where the text below begins."""

    slices: dict[str, list[tuple[int, Frame]]] = field(default_factory=dict)
    headings: dict[str, Spot] = field(default_factory=dict)
    signs: list[Spot] = field(default_factory=list)
    offset: float = 0.0  # from one stacked plane to the next
    bottom: float = 0.0
    connected: bool = False


def behind_offset(font_pt: float) -> float:
    """How far a stacked plane looks out behind the one before it."""
    return 0.4 * font_pt


def stack_of(size: GridSize, offset: float) -> float:
    """The width and height that the planes behind add to a grid."""
    return offset * min(size.behind, STACKED)


def frame_of(size: GridSize, x: float, y: float, cell: float, slant: float = 0, squash: float = 1) -> Frame:
    """The frame of one slice of a grid."""
    _, rows, cols = size.spans
    return Frame(x, y, cell, rows.count, cols.count, rows.first, cols.first, slant, squash)


def side_by_side(
    grids: dict[str, GridSize], width: float, font_pt: float, headed: bool, signs: list[float]
) -> Places:
    """The grids of a layer with two axes in a row, a sign of the given width between neighbours."""
    places = Places(offset=behind_offset(font_pt))
    stacks = {name: stack_of(size, places.offset) for name, size in grids.items()}
    gaps = [sign + 1.6 * font_pt for sign in signs]
    room = width - sum(gaps) - sum(stacks.values()) - 2
    cell = _shared_cell({name: (size.cols, size.heading) for name, size in grids.items()}, room)
    tallest = max(size.rows for size in grids.values())
    cell = min(cell, LARGEST_CELL, TALLEST * width / tallest)
    wide = {name: max(size.cols * cell, size.heading) + stacks[name] for name, size in grids.items()}
    spare = max(0.0, width - 2 - sum(gaps) - sum(wide.values()))
    gaps = [gap + spare / (len(gaps) + 2) for gap in gaps]
    x = 1 + spare / (len(gaps) + 2)
    top = (1.7 * font_pt if headed else 1.0) + max(stacks.values())
    height = tallest * cell
    for index, (name, size) in enumerate(grids.items()):
        used = size.cols * cell + stacks[name]
        left = x + (wide[name] - used) / 2
        y = top + (height - size.rows * cell) / 2
        places.slices[name] = [(size.spans[0].first, frame_of(size, left, y, cell))]
        above = y - stacks[name] - 0.55 * font_pt
        places.headings[name] = Spot(left if size.heading <= used else x, above, "start")
        x += wide[name]
        if index < len(gaps):
            places.signs.append(Spot(x + gaps[index] / 2, top + height / 2, "middle"))
            x += gaps[index]
    places.bottom = top + height + 1
    return places


def _shared_cell(columns: dict[str, tuple[int, float]], room: float) -> float:
    """The largest cell with which every column, as wide as its heading at least, fits the room."""
    fixed: set[str] = set()
    while True:
        free = [cols for name, (cols, _) in columns.items() if name not in fixed]
        if not free:
            cols, heading = max(columns.values(), key=lambda column: column[0])
            return max(1.0, heading / cols)
        cell = (room - sum(columns[name][1] for name in fixed)) / sum(free)
        grown = {
            name for name, (cols, heading) in columns.items() if name not in fixed and cols * cell < heading
        }
        if not grown:
            return max(cell, 1.0)
        fixed |= grown


def from_the_side(grids: dict[str, GridSize], width: float, font_pt: float, headed: bool) -> Places:
    """Input below and output above, both slanted; the kernel, where it is wanted, upright beside them."""
    places = Places(offset=behind_offset(font_pt), connected=True)
    source, output, kernel = grids["input"], grids["output"], grids.get("kernel")
    stack = max(stack_of(source, places.offset), stack_of(output, places.offset))
    across = max(source.cols + SLANT * source.rows, output.cols + SLANT * output.rows)
    beside = 2.4 * font_pt if kernel else 0.0
    room = width - 2 - stack - beside
    cell = min(room / (across + (kernel.cols if kernel else 0)), LARGEST_CELL)
    if kernel and kernel.cols * cell < kernel.heading:
        cell = min((room - kernel.heading) / across, LARGEST_CELL)
    deep = (source.rows + output.rows) * SQUASH + 1.6
    cell = min(max(cell, 1.0), TALLEST * width / deep)
    kernel_wide = max(kernel.cols * cell, kernel.heading) if kernel else 0.0
    used = across * cell + stack + beside + kernel_wide
    left = 1 + max(0.0, (width - 2 - used) / 2)
    head = 1.7 * font_pt if headed else 1.0
    top = head + stack
    middle = left + across * cell / 2
    above = frame_of(output, 0, top, cell, SLANT, SQUASH)
    above = frame_of(output, middle - above.width / 2, top, cell, SLANT, SQUASH)
    low = top + above.height + max(1.3 * cell, 1.4 * font_pt)
    below = frame_of(source, 0, low, cell, SLANT, SQUASH)
    below = frame_of(source, middle - below.width / 2, low, cell, SLANT, SQUASH)
    places.slices = {"input": [(0, below)], "output": [(0, above)]}
    places.headings = {
        "output": Spot(middle, top - stack - 0.55 * font_pt, "middle"),
        "input": Spot(middle, low + below.height + 1.25 * font_pt, "middle"),
    }
    places.bottom = low + below.height + (1.6 * font_pt if headed else 1)
    if kernel:
        x = left + across * cell + stack + beside
        y = top + (low + below.height - top - kernel.rows * cell) / 2
        places.slices["kernel"] = [(0, frame_of(kernel, x, y, cell))]
        places.headings["kernel"] = Spot(x, y - 0.55 * font_pt, "start")
        places.bottom = max(places.bottom, y + kernel.rows * cell + 1)
    return places


def one_below_the_other(
    grids: dict[str, GridSize], width: float, font_pt: float, headed: bool, under: int | None
) -> Places:
    """Strips and slices in rows, in the order given.

    ``under`` sets a series' kernel under its window: the coordinate of its first tap.
    """
    places = Places(offset=behind_offset(font_pt))
    between = 1.1 * font_pt
    stack = max(stack_of(size, places.offset) for size in grids.values())
    room = width - 2 - stack
    lines, cell = 1, 0.0
    while cell < NARROWEST and lines <= 6:
        per_line = {name: -(-size.spans[0].count // lines) for name, size in grids.items()}
        cell = min(
            (room - (per_line[name] - 1) * between) / (per_line[name] * size.cols)
            for name, size in grids.items()
        )
        lines += 1
    cell = min(max(cell, 1.0), LARGEST_CELL)
    y = 0.0
    for name, size in grids.items():
        y += stack_of(size, places.offset) + (1.7 * font_pt if headed else 0.6 * font_pt)
        count = per_line[name]
        used = count * size.cols * cell + (count - 1) * between
        left = 1 + max(0.0, (room - used) / 2)
        if name == "kernel" and under is not None:
            window = places.slices["input"][0][1] if "input" in places.slices else None
            left = window.point(0, under)[0] if window else left
        places.headings[name] = Spot(left, y - stack_of(size, places.offset) - 0.55 * font_pt, "start")
        places.slices[name] = []
        for index, depth in enumerate(size.spans[0]):
            line, place = divmod(index, count)
            x = left + place * (size.cols * cell + between)
            down = y + line * (size.rows * cell + between)
            places.slices[name].append((depth, frame_of(size, x, down, cell)))
        y += -(-size.spans[0].count // count) * (size.rows * cell + between) - between + 0.4 * font_pt
    places.bottom = y
    return places
