"""A Sankey diagram of two columns: ribbons from where units were to where they are, as wide as there are units."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from dtc_dashboard.parts.charts import Spec, data_of, finished

_POINTS: Final = 24
"""Points along a ribbon; enough for a smooth curve."""
_GAP: Final = 0.03
"""Space between two segments of a column, as a share of all units."""
_HEIGHT: Final = 300


def ribbons(names: Sequence[str], counts: Sequence[Sequence[int]], colours: Sequence[str]) -> Spec:
    """Return ribbons for counts ``(n_segments, n_segments)``, rows from and columns to, in the colour of where they begin.

    Each is an area between two curves, which Vega-Lite draws itself; there is no Sankey mark in it.
    """
    import altair as alt  # noqa: PLC0415 - takes a second, which small commands and other pages spare

    rows = list(_points(names, counts))
    scale = alt.Scale(domain=list(names), range=list(colours))
    areas = (
        alt.Chart(data_of(rows))
        .mark_area(opacity=0.55)
        .encode(
            x=alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-0.02, 1.02], nice=False)),
            y=alt.Y("low:Q", axis=None, scale=alt.Scale(reverse=True, nice=False, zero=True)),
            y2="high:Q",
            color=alt.Color("segment:N", scale=scale, legend=alt.Legend(title=None, orient="top")),
            detail="flow:N",
            tooltip=["flow:N", "units:Q"],
        )
    )
    return finished(areas.properties(height=_HEIGHT, width="container"))


def _points(names: Sequence[str], counts: Sequence[Sequence[int]]) -> Iterator[dict[str, Any]]:
    total = sum(map(sum, counts)) or 1
    left = _starts([sum(row) for row in counts], total)
    right = _starts([sum(column) for column in zip(*counts, strict=True)], total)
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
