"""Pictures of the Lab."""

from io import BytesIO

import numpy as np
import pandas as pd
from dtc_data import Wave
from dtc_model.discovery import PlantedMixture
from dtc_model.lab import grid_of, plot_grid, plot_means, plot_shares
from matplotlib.figure import Figure


def drawn(figure: Figure) -> bytes:
    content = BytesIO()
    figure.savefig(content, format="png")
    return content.getvalue()


def test_a_grid_is_drawn_with_a_point_for_each_setting_that_found_clusters() -> None:
    features, _ = PlantedMixture.plant(noise="low", seed=3).draw(200)
    grid = grid_of(features, components=[5], smallest_shares=[0.04, 0.6], neighbours=[None, 5], epsilons=[0.0])
    figure = plot_grid(grid)
    axes = figure.axes[0]
    assert sum(np.asarray(points.get_offsets()).shape[0] for points in axes.collections) == 2
    assert axes.get_title() == "FAMD + HDBSCAN: 4 settings, 2 without two clusters"
    assert drawn(figure)


def test_a_grid_that_found_nothing_is_drawn_too() -> None:
    features, _ = PlantedMixture.plant(noise="low", seed=3).draw(100)
    grid = grid_of(features, components=[5], smallest_shares=[0.6], epsilons=[0.0])
    assert drawn(plot_grid(grid))


def test_shares_and_means_are_drawn_by_wave() -> None:
    waves = ["2025-01", "2025-02"]
    shares = pd.DataFrame({"units": [10, 20], "Small": [0.4, 0.6], "Large": [0.6, 0.4], "without": [0, 0]}, index=waves)
    lines = plot_shares(shares).axes[0].get_lines()
    assert [line.get_label() for line in lines] == ["Small", "Large"]
    means = pd.DataFrame({"price": [1.0, 2.0], "constant": [3.0, 3.0]}, index=waves)
    assert drawn(plot_means(means, Wave(2025, 1)))
