"""How customers moved from segment to segment, out of their labels and their transactions."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dtc_data import Wave
from dtc_data.catalogue import Segmentation
from dtc_data.core import PostgresSettings, SettingsError, UnitTableError, read_settings
from dtc_data.tables import UnitTable, make_engine, transaction
from dtc_data.transactions import CAUSES, WaveSteps, steps_between_waves
from dtc_model.registry import RegistryReader
from dtc_model.rule import SegmentModel
from dtc_model.settings import MlflowSettings
from dtc_monitoring.movement import Movement, draw_movement, explain_moves, flow_table, log_movement
from sqlalchemy import Engine


@dataclass(frozen=True)
class MovementFiles:
    """Where the movement can be looked at."""

    table: Path
    picture: Path
    page: str
    """Of MLflow."""


def customer_movement(
    segmentation: Segmentation, engine: Engine, tracking_uri: str, first: Wave, last: Wave
) -> list[Movement]:
    """Return the movement from each month to the next.

    Raises
    ------
    SettingsError
        If the segmentation is not of customers by their transactions, or there is only one month.
    WaveError, UnitTableError
        If a wave holds nobody, or nobody with a label.
    ModelUnavailableError, ModelBrokenError
        If the model of a label cannot be read.
    """
    catalogue = segmentation.catalogue
    if catalogue.transactions is None:
        raise SettingsError(
            f"why units of {segmentation.title} moved cannot be told: its catalogue is not of customers by their "
            "transactions. The moves themselves are in the history"
        )
    if not first < last:
        raise SettingsError(f"movement leads from a month to a later one, but {first} is not before {last}")
    steps = steps_between_waves(engine, first, last, catalogue.transactions.lookback_days)
    return [_movement(segmentation, engine, tracking_uri, one) for one in steps]


def _movement(segmentation: Segmentation, engine: Engine, tracking_uri: str, steps: WaveSteps) -> Movement:
    catalogue = segmentation.catalogue
    table = UnitTable(catalogue)
    with transaction(engine) as connection:
        units = table.load(connection, steps.before), table.load(connection, steps.after)
    for wave, frame in zip((steps.before, steps.after), units, strict=True):
        if frame["segment"].isna().all():
            raise UnitTableError(f"wave {wave}: nobody has a label yet: {segmentation.command(f'label WAVE={wave}')}")
    model = _model_of(units[0]["model_version"].dropna().mode().tolist(), segmentation, tracking_uri)
    return explain_moves(units, steps.steps, model, catalogue, waves=(steps.before, steps.after), causes=CAUSES)


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
