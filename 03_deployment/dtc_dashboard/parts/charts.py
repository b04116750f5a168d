"""Charts as Vega-Lite specifications, made by Altair; the same numbers stand beside each of them as a table."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

FONT: Final = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif"
INK: Final = "#1f2933"
QUIET: Final = "#52606d"
FOR: Final = "#0072B2"
"""Colour of what speaks for something or lies above, and `AGAINST` of the contrary (Okabe and Ito, 2008)."""
AGAINST: Final = "#D55E00"
BY_CHANCE: Final = 0.3
"""Opacity of what may be chance."""
ROOM_ABOVE: Final = 1.12
"""Where an axis of shares ends, in multiples of the largest."""
ROW_PIXELS: Final = 26
"""Height of a row where features stand under each other."""

Spec = dict[str, Any]
Row = Mapping[str, Any]


def lines_over_waves(rows: Sequence[Row], colours: Mapping[str, str], title: str) -> Spec:
    """Return lines of shares over waves; rows hold wave, segment and share."""
    import altair as alt  # noqa: PLC0415 - takes a second, which small commands and other pages spare

    colour = alt.Color(
        "segment:N",
        scale=alt.Scale(domain=list(colours), range=list(colours.values())),
        legend=alt.Legend(title=None, orient="top"),
    )
    chart = (
        alt.Chart(data_of(rows))
        .mark_line(point=alt.OverlayMarkDef(size=55, filled=True), strokeWidth=2.5)
        .encode(
            x=alt.X("wave:O", title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True)),
            y=alt.Y(
                "share:Q",
                title=title,
                axis=alt.Axis(format=".0%", tickCount=5),
                scale=alt.Scale(domain=[0, _above(rows)]),
            ),
            color=colour,
            shape=alt.Shape("segment:N", legend=None),
            tooltip=["segment:N", "wave:N", alt.Tooltip("share:Q", format=".1%")],
        )
        .properties(height=240, width="container")
    )
    return finished(chart)


def dots_with_intervals(rows: Sequence[Row], colour: str, title: str) -> Spec:
    """Return a dot with its interval for each row, zero marked; rows hold name, value, low and high, the first on top."""
    import altair as alt  # noqa: PLC0415 - as above

    names = [row["name"] for row in rows]
    y = alt.Y("name:N", sort=names, title=None, axis=alt.Axis(labelLimit=190, ticks=False, domain=False))
    base = alt.Chart(data_of(rows)).encode(y=y)
    lines = base.mark_rule(strokeWidth=3, color=colour, opacity=0.45).encode(
        x=alt.X("low:Q", title=title, axis=alt.Axis(tickCount=5), scale=alt.Scale(padding=16)), x2="high:Q"
    )
    dots = base.mark_point(filled=True, size=80, color=colour, opacity=1).encode(
        x="value:Q",
        tooltip=[alt.Tooltip("name:N"), *(alt.Tooltip(f"{name}:Q", format=".2f") for name in ("value", "low", "high"))],
    )
    zero = alt.Chart(data_of([{"zero": 0}])).mark_rule(color=QUIET, strokeDash=[3, 3]).encode(x="zero:Q")
    return finished(alt.layer(zero, lines, dots).properties(height=alt.Step(ROW_PIXELS), width="container"))


def bars_to_both_sides(rows: Sequence[Row], title: str) -> Spec:
    """Return bars to the right for what is above 0 and to the left for the rest; rows hold name and value, and those ``by_chance`` are pale."""
    import altair as alt  # noqa: PLC0415 - as above

    names = [row["name"] for row in rows]
    chart = (
        alt.Chart(data_of(rows))
        .mark_bar(height=14, cornerRadius=2)
        .encode(
            y=alt.Y("name:N", sort=names, title=None, axis=alt.Axis(labelLimit=190, ticks=False, domain=False)),
            x=alt.X("value:Q", title=title, axis=alt.Axis(tickCount=5)),
            color=alt.condition("datum.value > 0", alt.value(FOR), alt.value(AGAINST)),
            opacity=alt.condition("datum.by_chance === true", alt.value(BY_CHANCE), alt.value(1.0)),
            tooltip=["name:N", alt.Tooltip("value:Q", format=".2f")],
        )
        .properties(height=alt.Step(ROW_PIXELS), width="container")
    )
    return finished(chart)


def _above(rows: Sequence[Row]) -> float:
    """Return where the axis of shares ends: with some room above the largest, so that lines do not lie on the edge."""
    return min(1.0, ROOM_ABOVE * max((row["share"] or 0.0 for row in rows), default=1.0)) or 1.0


def data_of(rows: Sequence[Row]) -> Any:
    """Return rows as Altair takes them."""
    import altair as alt  # noqa: PLC0415 - as above

    return alt.Data(values=[dict(row) for row in rows])  # type: ignore[no-untyped-call]  # Altair's own omission


def finished(chart: Any) -> Spec:
    """Return a chart's specification in the look of the pages; rows come from us, so the schema need not be checked."""
    axis = {"labelFont": FONT, "titleFont": FONT, "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal"}
    colours = {"labelColor": INK, "titleColor": QUIET, "gridColor": "#e4e7eb", "domainColor": "#9aa5b1"}
    styled = (
        chart.configure(font=FONT, background="transparent")  # first, since it replaces the rest
        .configure_axis(**axis, **colours)
        .configure_legend(labelFont=FONT, labelFontSize=12, labelLimit=260, columns=2)
        .configure_view(stroke=None)
    )
    spec: Spec = styled.to_dict(validate=False)
    return spec
