"""How units moved from segment to segment, out of their labels and what their features are made of."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from dtc_data import Wave
from dtc_data.catalogue import Segmentation
from dtc_data.core import UNIT_ID, PostgresSettings, SettingsError, UnitTableError, read_settings
from dtc_data.tables import UnitTable, make_engine, transaction
from dtc_data.transactions import CAUSES, WaveSteps, steps_between_waves
from dtc_model.registry import RegistryReader
from dtc_model.rule import SegmentModel
from dtc_model.settings import MlflowSettings
from dtc_monitoring.movement import Movement, draw_movement, explain_moves, flow_table, log_movement
from sqlalchemy import Engine

STORE_CAUSES: Final = {"store": "the store changed"}
"""What can happen between two quarters beside another model."""


@dataclass(frozen=True)
class MovementFiles:
    """Where the movement can be looked at."""

    table: Path
    picture: Path
    page: str
    """Of MLflow."""


def movement_between(
    segmentation: Segmentation, engine: Engine, tracking_uri: str, first: Wave, last: Wave
) -> list[Movement]:
    """Return the movement from each wave to the next.

    Raises
    ------
    SettingsError
        If the segmentation is neither of customers by their transactions nor of stores, or there is only one wave.
    WaveError, UnitTableError
        If a wave holds nobody, or nobody with a label.
    ModelUnavailableError, ModelBrokenError
        If the model of a label cannot be read.
    """
    catalogue = segmentation.catalogue
    if not first < last:
        raise SettingsError(f"movement leads from a month to a later one, but {first} is not before {last}")
    if catalogue.stores is not None:
        found: Iterable[WaveSteps] = _steps_of_stores(UnitTable(catalogue), engine, first, last)
        causes = STORE_CAUSES
    elif catalogue.transactions is not None:
        found, causes = steps_between_waves(engine, first, last, catalogue.transactions.lookback_days), CAUSES
    else:
        raise SettingsError(
            f"why units of {segmentation.title} moved cannot be told: its catalogue is neither of customers by their "
            "transactions nor of stores. The moves themselves are in the history"
        )
    return [_movement(segmentation, engine, tracking_uri, one, causes) for one in found]


def _steps_of_stores(table: UnitTable, engine: Engine, first: Wave, last: Wave) -> Iterator[WaveSteps]:
    """Return one step from each quarter in the table to the next: the store changed. One quarter is in memory at a time."""
    with transaction(engine) as connection:
        waves = [wave for wave in table.waves(connection) if first <= wave <= last]
    for before, after in pairwise(waves):
        with transaction(engine) as connection:
            features = table.load(connection, after).set_index(UNIT_ID)
        yield WaveSteps(before, after, {"store": features})


def _movement(
    segmentation: Segmentation, engine: Engine, tracking_uri: str, steps: WaveSteps, causes: Mapping[str, str]
) -> Movement:
    catalogue = segmentation.catalogue
    table = UnitTable(catalogue)
    with transaction(engine) as connection:
        units = table.load_labels(connection, steps.before), table.load_labels(connection, steps.after)
    for wave, frame in zip((steps.before, steps.after), units, strict=True):
        if frame["segment"].isna().all():
            raise UnitTableError(f"wave {wave}: nobody has a label yet: {segmentation.command(f'label WAVE={wave}')}")
    model = _model_of(units[0]["model_version"].dropna().mode().tolist(), segmentation, tracking_uri)
    return explain_moves(units, steps.steps, model, catalogue, waves=(steps.before, steps.after), causes=causes)


def _model_of(versions: Sequence[str], segmentation: Segmentation, tracking_uri: str) -> SegmentModel:
    """Return the model that labelled most of a wave; the catalogue where the labels are the vendor's."""
    if not versions:
        return SegmentModel.from_catalogue(segmentation.catalogue)
    return RegistryReader(tracking_uri, segmentation.catalogue.registered_model).fetch(str(versions[0])).model


def keep_movement(movements: Sequence[Movement], segmentation: Segmentation, folder: Path) -> MovementFiles:
    """Write table and picture of the movement into a folder and into MLflow."""
    catalogue, mlflow = segmentation.catalogue, read_settings(MlflowSettings)
    first, last = movements[0].before, movements[-1].after
    picture = draw_movement(movements, catalogue.segment_names, f"{catalogue.name}: {first} to {last}")
    folder.mkdir(parents=True, exist_ok=True)
    table = folder / f"{segmentation.name}_{first}_{last}.csv"
    flow_table(movements).to_csv(table, index=False)
    picture.savefig(table.with_suffix(".png"))
    page = log_movement(movements, catalogue, picture, tracking_uri=mlflow.tracking_uri, public_url=mlflow.page)
    return MovementFiles(table, table.with_suffix(".png"), page)


def engine_and_tracking() -> tuple[Engine, str]:
    """Return the customer database and the address of MLflow, by the settings."""
    return make_engine(read_settings(PostgresSettings)), read_settings(MlflowSettings).tracking_uri
