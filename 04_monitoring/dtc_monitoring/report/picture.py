"""The picture of an alert: personas' shares and fit by wave, made to be read on a phone.

A phone shows it about 380 points wide, a third of its size, so that letters are three times as large as usual. Personas
differ by colour and by hatching; figures stand in the bars.
"""

import io
from collections.abc import Sequence
from typing import Final

from dtc_model.drawing import colour, cut, ink
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from dtc_monitoring.report.report_content import ReportContent, WaveFigures
from dtc_monitoring.verdict import STATUS_WORDS

DRAWN_WAVES: Final = 8
"""Most waves in the picture, the reference wave among them; the report has all."""
SMALLEST_LABELLED_SHARE: Final = 0.1
"""A narrower piece of a bar has no room for its figure."""
UPRIGHT_WAVES: Final = 5
"""Most waves whose names stand next to each other without being turned."""

_HATCHES: Final = ("", "//", "..", "\\\\", "xx", "--", "||", "++", "oo", "**")
_WIDTH_INCHES, _DOTS_PER_INCH = 7.2, 150


def draw_picture(content: ReportContent) -> bytes | None:
    """Draw the picture as PNG, 1,080 pixels wide; None if no wave has shares to draw."""
    waves = drawn_waves(content)
    if not waves:
        return None
    with_fit = [wave for wave in waves if wave.fit is not None]
    legend_rows = -(-len(content.segments) // 2)
    heights = [0.55 * len(waves) + 0.3, *([2.0] if with_fit else [])]
    size = (_WIDTH_INCHES, sum(heights) + 1.6 + 0.42 * legend_rows)
    figure = Figure(figsize=size, dpi=_DOTS_PER_INCH, layout="constrained")
    rows = figure.subplots(len(heights), 1, squeeze=False, height_ratios=heights)[:, 0]
    _draw_shares(rows[0], waves, content)
    if with_fit:
        _draw_fit(rows[1], with_fit, content)
    patches = [_patch(position, name, content) for position, name in enumerate(content.segments)]
    figure.legend(handles=patches, loc="outside upper center", ncols=2, fontsize=13, frameon=False, handleheight=1.4)
    stream = io.BytesIO()
    figure.savefig(stream, format="png")
    return stream.getvalue()


def drawn_waves(content: ReportContent, most: int = DRAWN_WAVES) -> list[WaveFigures]:
    """Choose the waves to draw: those with shares, and of too many the reference wave and the latest."""
    waves = [wave for wave in content.waves if wave.shares]
    return waves if len(waves) <= most else [waves[0], *waves[-(most - 1) :]]


def _patch(position: int, name: str, content: ReportContent) -> Patch:
    return Patch(
        facecolor=_colour(position, content),
        hatch=_hatch(position),
        edgecolor="white",
        linewidth=0,
        label=cut(name, 26),
    )


def _colour(position: int, content: ReportContent) -> str:
    return content.colours[position] if position < len(content.colours) else colour(position)


def _hatch(position: int) -> str:
    return _HATCHES[position % len(_HATCHES)]


def _draw_shares(axes: Axes, waves: Sequence[WaveFigures], content: ReportContent) -> None:
    for row, wave in enumerate(waves):
        left = 0.0
        for position, segment in enumerate(content.segments):
            share = wave.shares.get(segment, 0.0)
            axes.barh(
                row,
                share,
                left=left,
                height=0.78,
                color=_colour(position, content),
                hatch=_hatch(position),
                edgecolor="white",
                linewidth=0,
            )
            if share >= SMALLEST_LABELLED_SHARE:
                _write(axes, left + share / 2, row, f"{share:.0%}", _colour(position, content))
            left += share
    axes.set_yticks(range(len(waves)), [_wave_label(wave, content) for wave in waves], fontsize=14)
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.set_xticks([])
    axes.set_title(
        f"Share of {content.words.units} by {content.words.segment}", fontsize=16, loc="left", fontweight="bold"
    )
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    for label, wave in zip(axes.get_yticklabels(), waves, strict=True):
        label.set_fontweight("bold" if wave.wave == content.current_wave else "normal")


def _write(axes: Axes, x: float, y: float, text: str, background: str) -> None:
    """Write a figure onto a hatched bar, with a rim of the bar's colour so that the hatching does not cross it."""
    rim = patheffects.withStroke(linewidth=6, foreground=background)
    axes.text(
        x,
        y,
        text,
        ha="center",
        va="center_baseline",
        fontsize=15,
        fontweight="bold",
        color=ink(background),
        path_effects=[rim],
    )


def _wave_label(wave: WaveFigures, content: ReportContent) -> str:
    if wave.wave == content.reference_wave:
        return f"{wave.wave}\nReference"
    return wave.wave + (
        f"\n{STATUS_WORDS[wave.status]}" if wave.status in {"drift", "mix_shift", "cannot_tell"} else ""
    )


def _draw_fit(axes: Axes, waves: Sequence[WaveFigures], content: ReportContent) -> None:
    fits = [wave.fit for wave in waves if wave.fit is not None]
    axes.plot(range(len(waves)), fits, marker="o", markersize=11, linewidth=3, color="#333333")
    for position, fit in enumerate(fits):
        axes.annotate(
            f"{fit:.2f}",
            (position, fit),
            textcoords="offset points",
            xytext=(0, 13),
            ha="center",
            fontsize=14,
            fontweight="bold",
            path_effects=[patheffects.withStroke(linewidth=5, foreground="white")],
        )
    axes.axhline(fits[0], color="0.6", linestyle="--", linewidth=2, zorder=0)
    rotation = 30 if len(waves) > UPRIGHT_WAVES else 0
    axes.set_xticks(range(len(waves)), [wave.wave for wave in waves], fontsize=13, rotation=rotation)
    axes.margins(x=0.1)
    axes.set_ylim(0, 1.3 * max(fits) or 1)  # from zero on, so that a small change looks small
    axes.set_yticks([])
    axes.set_title(
        f"Distance to the {content.words.segment} (lower fits better)", fontsize=16, loc="left", fontweight="bold"
    )
    axes.spines[["top", "right", "left"]].set_visible(False)
