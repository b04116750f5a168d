"""The pictures of a discovery: units on two axes, and how well each solution's weakest segment comes back."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from sklearn.decomposition import PCA

from dtc_model.discovery import Discovery
from dtc_model.drawing import colour, drawn, marker

DRAWN_UNITS: Final = 2_000
"""Units drawn at most; more would hide each other."""
_STABLE: Final = 0.75
_FEWEST_AXES: Final = 2


def plot_units_on_axes(
    discovery: Discovery, features: pd.DataFrame, names: Mapping[int, str], *, seed: int = 0
) -> Figure | None:
    """Draw units by segment on the two axes along which they differ most; None where no segments are proposed."""
    chosen = discovery.proposal.chosen
    if chosen is None or chosen.solution.coordinates.shape[1] < _FEWEST_AXES:
        return None
    rows = np.random.default_rng(seed).permutation(len(features))[:DRAWN_UNITS]
    coordinates = np.nan_to_num(chosen.solution.coordinates)
    axes_of_all = PCA(n_components=_FEWEST_AXES, svd_solver="full").fit(coordinates)
    points, labels = axes_of_all.transform(coordinates[rows]), discovery.labels[rows]
    figure = Figure(figsize=(8.5, 6.5), layout="constrained")
    axes = figure.subplots()
    document = discovery.document
    for position, (id_, name) in enumerate(zip(document.segment_ids, document.segment_names, strict=True)):
        own = points[labels == id_]
        label = f"{drawn(names.get(id_, name))} ({(discovery.labels == id_).mean():.0%})"
        ink, shape = colour(position), marker(position)
        axes.scatter(own[:, 0], own[:, 1], s=16, c=ink, marker=shape, alpha=0.55, linewidths=0, label=label)
    without = points[labels < 0]
    if len(without):
        axes.scatter(without[:, 0], without[:, 1], s=8, c="0.7", label="no segment")
    shares = axes_of_all.explained_variance_ratio_
    axes.set_xlabel(f"first axis ({shares[0]:.0%} of the variance)")
    axes.set_ylabel(f"second axis ({shares[1]:.0%} of the variance)")
    axes.set_title(f"{chosen.solution.method} on {chosen.solution.encoding}, k = {chosen.solution.k}")
    axes.legend(loc="best", fontsize=8)
    return figure


def plot_solutions(figures: pd.DataFrame) -> Figure | None:
    """Draw the weakest segment's Jaccard similarity by number of segments, a line per method and encoding."""
    if not len(figures):
        return None
    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    for position, ((method, encoding), rows) in enumerate(figures.groupby(["method", "encoding"], sort=False)):
        ordered = rows.sort_values("k")
        ink, shape = colour(position), marker(position)
        axes.plot(ordered["k"], ordered["jaccard_min"], color=ink, marker=shape, label=f"{method} {encoding}")
    proposed = figures[figures["proposed"]]
    axes.scatter(proposed["k"], proposed["jaccard_min"], s=160, facecolors="none", edgecolors="black", label="proposed")
    axes.axhline(_STABLE, color="0.5", linestyle="--", linewidth=1)
    axes.set_xlabel("number of segments k")
    axes.set_ylabel("Jaccard similarity of the weakest segment")
    axes.set_ylim(0, 1.05)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(loc="best", fontsize=8)
    axes.grid(visible=True, color="0.9")
    return figure
