"""Movement as a run in MLflow: the table, the picture, and how many moved by which cause."""

import time
from collections.abc import Sequence
from typing import Final

import pandas as pd
from dtc_data import Catalogue
from dtc_model.registry import connect, find_or_create_experiment, run_of, tracking_errors
from dtc_model.settings import page_of
from matplotlib.figure import Figure
from mlflow.entities import Metric

from dtc_monitoring.movement.moves import Movement

PICTURE: Final = "movement.png"
"""Artifact with the picture."""


def flow_table(movements: Sequence[Movement]) -> pd.DataFrame:
    """Return every flow: from_wave, to_wave, from_segment, to_segment, cause and units."""
    frames = [
        movement.counts.assign(from_wave=str(movement.before), to_wave=str(movement.after)) for movement in movements
    ]
    return pd.concat(frames)[["from_wave", "to_wave", "from_segment", "to_segment", "cause", "units"]]


def log_movement(
    movements: Sequence[Movement],
    catalogue: Catalogue,
    picture: Figure,
    *,
    tracking_uri: str,
    public_url: str | None = None,
) -> str:
    """Log the movement through consecutive waves, and return the page that shows the picture.

    Raises
    ------
    ModelUnavailableError, TrackingError
        If MLflow cannot be reached, or breaks off; the run is then marked as failed.
    """
    client = connect(tracking_uri)
    first, last = movements[0].before, movements[-1].after
    title = f"movement {first} to {last}"
    note = f"Who moved from which segment of {catalogue.name} to which, and why."
    with tracking_errors(title):
        experiment_id = find_or_create_experiment(client, f"{catalogue.registered_model} movement", note)
        with run_of(client, experiment_id, title, {"from_wave": str(first), "to_wave": str(last)}) as run_id:
            now_ms = time.time_ns() // 1_000_000
            figures = [
                Metric(name, value, now_ms, step)
                for step, movement in enumerate(movements)
                for name, value in _figures(movement).items()
            ]
            client.log_batch(run_id, metrics=figures)
            client.log_text(run_id, flow_table(movements).to_csv(index=False), "movement.csv")
            client.log_dict(run_id, [movement.to_dict() for movement in movements], "movement.json")
            client.log_figure(run_id, picture, PICTURE)
    return f"{page_of(tracking_uri, public_url)}/#/experiments/{experiment_id}/runs/{run_id}/artifacts/{PICTURE}"


def _figures(movement: Movement) -> dict[str, float]:
    told = movement.to_dict()
    figures = {name: float(told[name]) for name in ("in_both", "changed_share", "changed_by_model", "new", "gone")}
    return figures | {f"cause/{cause}": float(number) for cause, number in told["causes"].items()}
