"""The picture of movement: segments as columns, one for each wave, and units as ribbons between them."""

from collections.abc import Sequence
from typing import Final

import pandas as pd
from dtc_model.drawing import colour, cut
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from dtc_monitoring.movement.moves import GONE, NEW, Movement

_COLUMN_WIDTH: Final = 0.12
_GAP: Final = 0.03
"""Between segments in a column, as a share of all units."""
_GREY: Final = "#999999"
_DOTS_PER_INCH: Final = 110


def draw_movement(movements: Sequence[Movement], segments: Sequence[str], title: str) -> Figure:
    """Draw the movement through consecutive waves.

    Parameters
    ----------
    movements : sequence of Movement
        One after the other, at least one.
    segments : sequence of str
        Names in the catalogue's order; they give the colours.
    title : str
    """
    names = [*segments, *([NEW, GONE])]
    figure = Figure(figsize=(3.2 + 2.6 * len(movements), 6.5), dpi=_DOTS_PER_INCH, layout="constrained")
    axes = figure.subplots()
    colours = {name: colour(position) for position, name in enumerate(segments)}
    for position, movement in enumerate(movements):
        _draw_step(axes, position, movement, names, colours)
    waves = [movements[0].before, *(movement.after for movement in movements)]
    axes.set_xticks(range(len(waves)), [str(wave) for wave in waves])
    axes.set_yticks([])
    axes.invert_yaxis()
    axes.spines[:].set_visible(False)
    axes.set_title(title, loc="left", fontweight="bold")
    handles = [Rectangle((0, 0), 1, 1, color=colours.get(name, _GREY), label=cut(name, 30)) for name in names]
    figure.legend(handles=handles, loc="outside lower center", ncols=4, frameon=False)
    return figure


def _draw_step(axes: Axes, left: int, movement: Movement, names: Sequence[str], colours: dict[str, str]) -> None:
    flows = movement.moves.groupby(["from_segment", "to_segment"], observed=True).size().rename("units").reset_index()
    total = int(flows["units"].sum()) or 1
    starts = _column(axes, left, flows.groupby("from_segment")["units"].sum() / total, names, colours)
    ends = _column(axes, left + 1, flows.groupby("to_segment")["units"].sum() / total, names, colours)
    between = (left + _COLUMN_WIDTH / 2, left + 1 - _COLUMN_WIDTH / 2)
    pairs = zip(flows["from_segment"].map(str), flows["to_segment"].map(str), flows["units"] / total, strict=True)
    for start, end, height in sorted(pairs, key=lambda flow: (_place(names, flow[0]), _place(names, flow[1]))):
        _ribbon(axes, between, (starts[start], ends[end]), height, colours.get(start, _GREY))
        starts[start] += height
        ends[end] += height


def _place(names: Sequence[str], name: str) -> int:
    return names.index(name) if name in names else len(names)


def _column(
    axes: Axes, at: int, shares: "pd.Series[float]", names: Sequence[str], colours: dict[str, str]
) -> dict[str, float]:
    """Draw a wave's column and return where each segment begins."""
    tops, top = {}, 0.0
    for name in sorted(map(str, shares.index), key=lambda name: _place(names, name)):
        share = float(shares[name])
        corner = (at - _COLUMN_WIDTH / 2, top)
        axes.add_patch(Rectangle(corner, _COLUMN_WIDTH, share, color=colours.get(name, _GREY), linewidth=0))
        tops[name] = top
        top += share + _GAP
    axes.update_datalim([(at - _COLUMN_WIDTH, 0.0), (at + _COLUMN_WIDTH, top)])
    axes.autoscale_view()
    return tops


def _ribbon(axes: Axes, x: tuple[float, float], y: tuple[float, float], height: float, ink: str) -> None:
    middle = (x[0] + x[1]) / 2
    points = [
        (x[0], y[0]),
        (middle, y[0]),
        (middle, y[1]),
        (x[1], y[1]),
        (x[1], y[1] + height),
        (middle, y[1] + height),
        (middle, y[0] + height),
        (x[0], y[0] + height),
        (x[0], y[0]),
    ]
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    axes.add_patch(PathPatch(Path(points, codes), facecolor=ink, alpha=0.35, linewidth=0))
