"""Pictures of the Lab; figure objects of matplotlib, never pyplot, so that nothing stays open."""

from typing import Final

import numpy as np
import pandas as pd
from dtc_data.core import Wave
from matplotlib.figure import Figure

from dtc_model.drawing import colour, drawn, marker

MOST_FEATURES: Final = 12
"""Features that are drawn at most: those that moved most."""
_LARGEST_K: Final = 8
"""Numbers of clusters from which they share a marker."""


def plot_grid(grid: pd.DataFrame) -> Figure:
    """Draw DBCV against the silhouette, a point for each setting, coloured by the share of units without a cluster.

    Both indices are of the clusters alone: the more units are left out, the better they look. Settings that found fewer than
    two clusters have neither, and are counted in the title.
    """
    found = grid.dropna(subset=["dbcv", "silhouette"])
    figure = Figure(figsize=(8, 6), layout="constrained")
    axes = figure.subplots()
    drawn_by_k = found.assign(shown=np.minimum(found["k"], _LARGEST_K))
    for position, (k, rows) in enumerate(drawn_by_k.groupby("shown")):
        points = axes.scatter(
            rows["silhouette"],
            rows["dbcv"],
            c=rows["share_without"],
            cmap="cividis",
            vmin=0,
            vmax=1,
            marker=marker(position),
            s=60,
            edgecolors="0.3",
            linewidths=0.5,
            label=f"k = {k}" if int(str(k)) < _LARGEST_K else f"k ≥ {k}",
        )
        if not position:
            figure.colorbar(points, ax=axes, label="share without a cluster")
    axes.set_xlabel("silhouette of the units with a cluster")
    axes.set_ylabel("DBCV")
    axes.set_title(f"FAMD + HDBSCAN: {len(grid)} settings, {len(grid) - len(found)} without two clusters")
    axes.grid(visible=True, color="0.9")
    axes.set_axisbelow(True)
    if len(found):
        axes.legend(loc="best", fontsize=8)
    return figure


def plot_shares(shares: pd.DataFrame) -> Figure:
    """Draw the share of each segment by wave, as `Bench.shares` gives them."""
    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    for position, name in enumerate(name for name in shares.columns if name not in {"units", "without"}):
        axes.plot(shares.index, shares[name], color=colour(position), marker=marker(position), label=drawn(name))
    axes.set_ylim(bottom=0)
    axes.set_ylabel("share of the units with a label")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.grid(visible=True, color="0.9")
    axes.legend(loc="best", fontsize=8)
    return figure


def plot_means(means: pd.DataFrame, reference: Wave) -> Figure:
    """Draw how far each feature's mean has moved since a wave, in its standard deviations over the waves.

    Parameters
    ----------
    means : DataFrame of shape (n_waves, n_features)
        As `Bench.means` gives them.
    reference : Wave
    """
    spread = means.std(ddof=0).replace(0.0, np.nan)
    moved = ((means - means.loc[str(reference)]) / spread).fillna(0.0)
    most = moved.abs().max().sort_values(ascending=False).index[:MOST_FEATURES]
    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    picture = axes.imshow(moved[most].T.to_numpy(), aspect="auto", cmap="RdBu_r", vmin=-3, vmax=3)
    axes.set_xticks(range(len(means)), list(means.index), rotation=45, ha="right")
    axes.set_yticks(range(len(most)), [drawn(str(name)) for name in most])
    axes.set_title(f"Means since {reference}, in standard deviations over the waves")
    figure.colorbar(picture, ax=axes)
    return figure
