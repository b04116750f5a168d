"""The pictures of a forecast, as SVG: lift by tenth, calibration, recall at precision, importances.

They use matplotlib's figure objects, never pyplot: nothing global is changed and nothing stays open.
"""

import io
from typing import Final

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from dtc_model.drawing import COLOURS
from dtc_model.prediction import Holdout

_SIZE: Final = (5.2, 3.4)
_MOST_BARS: Final = 12
_GRID: Final = "0.9"


def lift_picture(holdout: Holdout) -> str:
    """Draw the lift of each tenth of customers, and the lift that a perfect forecast would have."""
    table = holdout.lifts
    figure = Figure(figsize=_SIZE, layout="constrained")
    axes = figure.subplots()
    axes.bar(table.index, table["lift"], color=COLOURS[0], label="forecast")
    axes.step(table.index, table["ceiling"], where="mid", color="0.3", label="ceiling")
    axes.axhline(1, color="0.5", linestyle="--", linewidth=1)
    axes.set_xlabel("tenth of customers, the likeliest to leave first")
    axes.set_ylabel("lift (1 = everybody's rate)")
    axes.set_xticks(list(table.index))
    axes.legend(frameon=False)
    return _svg(figure)


def calibration_picture(holdout: Holdout) -> str:
    """Draw the rate that came against the rate that was forecast, by tenth."""
    table = holdout.lifts.dropna()
    figure = Figure(figsize=_SIZE, layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="0.5", linestyle="--", linewidth=1)
    axes.plot(table["forecast"], table["rate"], marker="o", color=COLOURS[0])
    axes.set_xlabel("forecast")
    axes.set_ylabel("share who left")
    axes.grid(visible=True, color=_GRID)
    return _svg(figure)


def recall_picture(holdout: Holdout) -> str:
    """Draw which share of those who left is reached when so many customers are called, and how many of those called leave."""
    order = np.argsort(-holdout.probabilities, kind="stable")
    found = np.cumsum(holdout.left[order])
    called = np.arange(1, len(order) + 1)
    figure = Figure(figsize=_SIZE, layout="constrained")
    axes = figure.subplots()
    axes.plot(called, found / max(int(holdout.left.sum()), 1), color=COLOURS[0], label="leavers reached")
    axes.plot(called, found / called, color=COLOURS[1], label="of those called, leave")
    axes.set_xlabel("customers called")
    axes.set_ylim(0, 1.02)
    axes.grid(visible=True, color=_GRID)
    axes.legend(frameon=False)
    return _svg(figure)


def importance_picture(holdout: Holdout) -> str:
    """Draw how much AUC is lost when a measure's values are shuffled, the most first."""
    losses = holdout.importances.head(_MOST_BARS)[::-1]
    figure = Figure(figsize=_SIZE, layout="constrained")
    axes = figure.subplots()
    axes.barh([str(name) for name in losses.index], losses.to_numpy(), color=COLOURS[0])
    axes.set_xlabel("AUC lost without it")
    return _svg(figure)


def _svg(figure: Figure) -> str:
    """Return a figure as SVG without the head of an XML document, the same text for the same figure."""
    written = io.StringIO()

    with mpl.rc_context({"svg.hashsalt": "forecast", "svg.fonttype": "none"}):
        figure.savefig(written, format="svg", metadata={"Date": None})
    text = written.getvalue()
    return text[text.index("<svg") :]
