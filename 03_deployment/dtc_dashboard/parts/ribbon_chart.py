"""A Sankey diagram of two columns: ribbons from where units were to where they are, as wide as there are units."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal

from dtc_dashboard.parts.charts import FONT, INK, Spec, data_of, finished

_POINTS: Final = 24
"""Points along a ribbon; enough for a smooth curve."""
_GAP: Final = 0.05
"""Space between two segments of a column, as a share of all units, so that their names do not touch."""
_HEIGHT: Final = 340
_LETTER_PIXELS: Final = 6.4
"""Width of a letter of the names, about."""
_BESIDE: Final = 8
"""Pixels between a column and its names."""
_WIDEST_NAME: Final = 132
"""Pixels that a name gets at most: a phone has 340 for both columns and what is between them."""


def ribbons(names: Sequence[str], counts: Sequence[Sequence[int]], colours: Sequence[str]) -> Spec:
    """Return ribbons for counts ``(n_segments, n_segments)``, rows from and columns to, in the colour of where they begin.

    Each is an area between two curves, which Vega-Lite draws itself; there is no Sankey mark in it. At both ends stand the
    names with their share of the units.
    """
    import altair as alt  # noqa: PLC0415 - takes a second, which small commands and other pages spare

    margin = min(_WIDEST_NAME, int(_LETTER_PIXELS * (max(map(len, names)) + 6)))
    ends: Any = [margin, {"expr": f"width - {margin}"}]
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, 1], range=ends, nice=False))
    y: dict[str, Any] = {"axis": None, "scale": alt.Scale(reverse=True, nice=False, zero=True)}
    colour = alt.Color("segment:N", scale=alt.Scale(domain=list(names), range=list(colours)), legend=None)
    areas = (
        alt.Chart(data_of(list(_points(names, counts))))
        .mark_area(opacity=0.55)
        .encode(x=x, y=alt.Y("low:Q", **y), y2="high:Q", color=colour, detail="flow:N", tooltip=["flow:N", "units:Q"])
    )
    layers = [areas]
    sides: tuple[tuple[Literal["right", "left"], int], ...] = (("right", -_BESIDE), ("left", _BESIDE))
    for place, (align, shift) in enumerate(sides):
        column = alt.Chart(data_of(list(_ends(names, counts, place))))
        layers.append(
            column.mark_rule(strokeWidth=6).encode(
                x=x, y=alt.Y("low:Q", **y), y2="high:Q", color=colour, tooltip="text:N"
            )
        )
        layers.append(
            column.mark_text(
                align=align, dx=shift, baseline="middle", limit=margin - _BESIDE, font=FONT, color=INK
            ).encode(x=x, y=alt.Y("middle:Q", **y), text="text:N")
        )
    return finished(alt.layer(*layers).properties(height=_HEIGHT, width="container"))


def _points(names: Sequence[str], counts: Sequence[Sequence[int]]) -> Iterator[dict[str, Any]]:
    total = sum(map(sum, counts)) or 1
    left, right = (_starts(sizes, total) for sizes in _sizes(counts))
    for source, row in enumerate(counts):
        for target, units in enumerate(row):
            if not units:
                continue
            width = units / total
            for step in range(_POINTS + 1):
                x = step / _POINTS
                low = left[source] + (right[target] - left[source]) * _eased(x)
                yield {"x": x, "low": low, "high": low + width, "units": units} | _named(names[source], names[target])
            left[source] += width
            right[target] += width


def _ends(names: Sequence[str], counts: Sequence[Sequence[int]], place: int) -> Iterator[dict[str, Any]]:
    """Yield the segments of a column, 0 for the left one, with where they lie and their share in whole percent."""
    total, sizes = sum(map(sum, counts)) or 1, _sizes(counts)[place]
    for name, size, low in zip(names, sizes, _starts(sizes, total), strict=True):
        if size:
            share = size / total
            own = {"x": place, "low": low, "high": low + share, "middle": low + share / 2, "segment": name}
            yield own | {"text": f"{name} {share:.0%}"}


def _sizes(counts: Sequence[Sequence[int]]) -> tuple[list[int], list[int]]:
    return [sum(row) for row in counts], [sum(column) for column in zip(*counts, strict=True)]


def _named(source: str, target: str) -> dict[str, str]:
    return {"segment": source, "flow": f"{source} → {target}"}


def _starts(sizes: Sequence[int], total: int) -> list[float]:
    starts, place = [], 0.0
    for size in sizes:
        starts.append(place)
        place += size / total + _GAP
    return starts


def _eased(x: float) -> float:
    """Return a smooth way from 0 to 1, level at both ends (3x² - 2x³)."""
    return x * x * (3 - 2 * x)
