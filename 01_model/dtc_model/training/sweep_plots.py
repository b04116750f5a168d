"""The pictures of a sweep: figures by k, respondents in two dimensions, centroids by feature.

They use matplotlib's figure objects, never pyplot: nothing global is changed and nothing stays open.
"""

import textwrap
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from sklearn.decomposition import PCA

from dtc_model.discovery import Sweep
from dtc_model.drawing import COLOURS, cut, drawn, marker
from dtc_model.drawing import colour as colour_of
from dtc_model.rule import FloatArray, SegmentModel

SCATTER_UNITS: Final = 2_000
"""Respondents drawn at most; more would hide each other and slow the picture down."""

_MOST_ANNOTATED: Final = 12
"""Columns of the heatmap up to which the numbers fit into the cells."""


def plot_sweep(sweep: Sweep, *, title: str) -> Figure:
    """Draw the silhouette-inertia ratio and the silhouette by k, with the best k marked."""
    figure = Figure(figsize=(8, 6), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True)
    figure.suptitle(f"{title}: k = {sweep.best.k} is best by the ratio")
    _draw_by_k(upper, sweep, "silhouette_inertia_ratio", COLOURS[0])
    upper.set_ylabel("silhouette x 1000 / inertia")
    _draw_by_k(lower, sweep, "silhouette", COLOURS[5])
    lower.set_ylabel("silhouette (-1 to 1)")
    lower.set_xlabel("number of clusters k")
    lower.xaxis.set_major_locator(MaxNLocator(integer=True))
    return figure


def _draw_by_k(axes: Axes, sweep: Sweep, metric: str, colour: str) -> None:
    ks = [entry.k for entry in sweep.entries]
    axes.plot(ks, [entry.metrics[metric] for entry in sweep.entries], marker="o", color=colour)
    axes.axvline(sweep.best.k, color="0.5", linestyle="--", linewidth=1, zorder=0)
    best = sweep.best.metrics[metric]
    axes.annotate(f"{best:.4g}", (sweep.best.k, best), textcoords="offset points", xytext=(8, 4))
    axes.margins(y=0.15)
    axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
    axes.grid(visible=True, color="0.9")


def plot_units(answers: FloatArray, model: SegmentModel, *, title: str, units: str = "units", seed: int = 42) -> Figure:
    """Draw units by segment on the two axes along which they vary most, and the centroids.

    Parameters
    ----------
    answers : ndarray of shape (n_units, n_features)
        In the unit of the survey; a sample of `SCATTER_UNITS` is drawn.
    model : SegmentModel
        Gives labels and centroids.
    title : str
        Says which units these are.
    units : str
        What people call them.
    seed : int
        Of the sample.
    """
    n_drawn = min(len(answers), SCATTER_UNITS)
    shown = answers[np.random.default_rng(seed).permutation(len(answers))[:n_drawn]]
    nearest = model.nearest(shown)
    scaled = model.encoder.encode(shown)
    pca = PCA(n_components=min(2, *scaled.shape), svd_solver="full").fit(scaled)
    points, centroids = (_in_two_dimensions(pca, values) for values in (scaled, model.coordinates))
    figure = Figure(figsize=(8.5, 6.5), layout="constrained")
    axes = figure.subplots()
    for position, name in enumerate(model.segment_names):
        colour, shape = colour_of(position), marker(position)
        own, (x, y) = points[nearest == position], centroids[position]
        label = f"{drawn(name)} ({len(own) / n_drawn:.0%})"
        axes.scatter(own[:, 0], own[:, 1], s=16, c=colour, marker=shape, alpha=0.55, linewidths=0, label=label)
        axes.scatter(x, y, s=220, c=colour, marker=shape, edgecolors="black", linewidths=1.5, zorder=3)
    shares = [*pca.explained_variance_ratio_, 0.0]
    axes.set_xlabel(f"principal component 1 ({shares[0]:.0%} of the variance, scaled units)")
    axes.set_ylabel(f"principal component 2 ({shares[1]:.0%} of the variance, scaled units)")
    axes.set_title(f"{title}\n{n_drawn:,} of {len(answers):,} {units}; large symbols are centroids")
    axes.legend(loc="best", framealpha=0.9, fontsize=9)
    return figure


def _in_two_dimensions(pca: PCA, scaled: FloatArray) -> FloatArray:
    """Project, with zeros on the second axis where there is only one feature."""
    projected = np.zeros((len(scaled), 2))
    projected[:, : pca.n_components_] = pca.transform(scaled)
    return projected


def plot_centroids(model: SegmentModel, *, title: str, segments: str = "segments") -> Figure:
    """Draw the centroids as a table of features by segments, with a row for each value of a category.

    Numbers are in the unit of the answers; the colour tells how far a persona lies above or below the mean of all
    personas, in scaled units, so that features of different units can be compared.
    """
    scaled = model.encoder.scaled_centroids(model.centroids)
    deviations = (scaled - scaled.mean(axis=0)).T
    n_features, n_segments = deviations.shape
    figure = Figure(figsize=(max(6.0, 3.2 + 1.4 * n_segments), max(3.5, 1.8 + 0.32 * n_features)), layout="constrained")
    axes = figure.subplots()
    limit = float(np.abs(deviations).max()) or 1.0
    image = axes.imshow(deviations, cmap="PuOr", norm=TwoSlopeNorm(0.0, -limit, limit), aspect="auto")
    axes.set_xticks(range(n_segments), [drawn(textwrap.fill(name, 16)) for name in model.segment_names])
    axes.set_yticks(range(n_features), [cut(name, 40) for name in model.encoder.column_names])
    axes.set_title(title)
    if n_segments <= _MOST_ANNOTATED:
        _write_values(axes, model.centroids.T, np.abs(deviations) / limit)
    figure.colorbar(image, ax=axes, label=f"above (+) or below (-) the mean\nof the {segments}, scaled units")
    return figure


def _write_values(axes: Axes, values: FloatArray, darkness: FloatArray) -> None:
    """Write numbers into the cells, each row with three digits of its largest one."""
    dark = 0.65
    for row, of_feature in enumerate(values):
        largest = float(np.abs(of_feature).max()) or 1.0
        decimals = int(np.clip(2 - np.floor(np.log10(largest)), 0, 6))
        for column, value in enumerate(of_feature):
            text = f"{round(value, decimals) + 0.0:.{decimals}f}"  # + 0.0 turns -0.0 into 0.0
            colour = "white" if darkness[row, column] > dark else "black"
            axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=8)
