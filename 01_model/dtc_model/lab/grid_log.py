"""FAMD + HDBSCAN over a grid, for people to look at, and what of it stays in MLflow."""

from collections.abc import Iterable
from typing import Any, Final

import pandas as pd
from mlflow.entities import Param
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # carries no types

from dtc_model.clustering import FeatureColumns, MixedTable, density_grid
from dtc_model.lab.lab_pictures import plot_grid
from dtc_model.registry import connect, run_of, tracking_errors
from dtc_model.training import discovery_experiment

SETTINGS: Final = ("n_components", "smallest_share", "n_neighbours", "epsilon")
"""Columns of a grid that were chosen; the others were measured."""


def grid_of(features: pd.DataFrame, **options: Iterable[Any]) -> pd.DataFrame:
    """Return settings and figures of FAMD + HDBSCAN at each point of a grid.

    Parameters
    ----------
    features : DataFrame of shape (n_units, n_features)
        Numbers and categories by their types; values may be missing.
    **options
        ``components``, ``smallest_shares``, ``neighbours`` and ``epsilons``, as `dtc_model.clustering.density_grid` takes
        them.

    Returns
    -------
    DataFrame
        n_components, smallest_share, n_neighbours (0 for as many as the smallest cluster), epsilon; k, dbcv, silhouette (of
        the units with a cluster) and share_without.

    Raises
    ------
    TrainingError
        If the table cannot be used.
    """
    columns = FeatureColumns.take(features)
    with threadpool_limits(1):  # as in `dtc_model.discovery.discover`
        coordinates = MixedTable.prepare(columns.frame, columns.features()).coordinates
        points = density_grid(coordinates, **options)  # type: ignore[arg-type]  # each has its own type
        return pd.DataFrame([point.row(coordinates) for point in points])


def log_grid(grid: pd.DataFrame, segmentation: str, wave: str, tracking_uri: str) -> str:
    """Log a grid and its picture as a run beside the discoveries of a segmentation, and return the run's id.

    Raises
    ------
    ModelUnavailableError, TrackingError
        If MLflow cannot be reached, or breaks off; the run is then marked as failed.
    """
    client = connect(tracking_uri)
    with tracking_errors(f"logging a grid on wave {wave}"):
        experiment_id = discovery_experiment(client, segmentation)
        tags = {"wave": wave, "segmentation": segmentation}
        with run_of(client, experiment_id, f"FAMD + HDBSCAN grid {wave}", tags) as run_id:
            tried = [Param(name, str(sorted(grid[name].unique().tolist()))) for name in SETTINGS]
            client.log_batch(run_id, params=[Param("points", str(len(grid))), *tried])
            client.log_text(run_id, grid.to_csv(index=False), "grid/grid.csv")
            client.log_figure(run_id, plot_grid(grid), "grid/grid.png")
    return run_id
