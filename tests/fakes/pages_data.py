"""What pages show: two labelled waves of the shipped catalogue, and a candidate beside the version in production."""

import os
import uuid
from dataclasses import dataclass
from pathlib import Path

from dtc_data import Catalogue, Wave, load_catalogue
from dtc_data.core import UNIT_ID, PostgresSettings
from dtc_data.synthetic import make_wave
from dtc_data.tables import UnitTable, make_engine, stack_waves, transaction
from dtc_model.decisions import Decisions, decide
from dtc_model.registry import ModelRegistry, RegistryReader
from dtc_model.settings import TrainingSettings
from dtc_model.training import train_models
from dtc_service.batch import label_wave
from dtc_stack.databases import Database, prepare
from dtc_stack.programs import ADMIN
from fakes.catalogues import SHIPPED_CATALOGUE, in_a_file_of_its_own
from pydantic import SecretStr

WAVES = (Wave(2025, 1), Wave(2025, 2))
N_UNITS = 120
RETURNING = 40
"""Units of the first wave that are in the second one, too."""


@dataclass(frozen=True)
class PagesData:
    """Where it all lies."""

    catalogue_file: Path
    catalogue: Catalogue
    postgres: PostgresSettings
    mlflow_uri: str

    @property
    def name(self) -> str:
        """Name of the segmentation."""
        return self.catalogue_file.stem

    def decisions(self) -> Decisions:
        """The decisions on its model."""
        return Decisions(ModelRegistry(self.mlflow_uri, self.catalogue), make_engine(self.postgres))


def fill(folder: Path, server: tuple[str, int, str], mlflow_uri: str) -> PagesData:
    """Fill a database of its own on a server (host, port, password of the administrator), and a registered model of its own."""
    host, port, admin_password = server
    name = f"pages_{uuid.uuid4().hex[:10]}"
    prepare(host, port, ADMIN, admin_password, (Database(name, name, name),))
    postgres = PostgresSettings(user=name, password=SecretStr(name), dbname=name, host=host, port=port)
    path = in_a_file_of_its_own(load_catalogue(SHIPPED_CATALOGUE), folder / "shoppers.yaml")
    data = PagesData(path, load_catalogue(path), postgres, mlflow_uri)
    engine, table = make_engine(postgres), UnitTable(data.catalogue)
    registry = data.decisions().registry
    registry.ensure_catalogue_in_production()
    frames = [make_wave(data.catalogue, N_UNITS, 2.0, 40 + wave.month, wave, labelled=False) for wave in WAVES]
    frames[1][UNIT_ID] = frames[0][UNIT_ID].where(frames[0].index < RETURNING, frames[1][UNIT_ID])
    with transaction(engine) as connection, RegistryReader(mlflow_uri, data.catalogue.registered_model) as reader:
        table.create(connection)
        for wave, frame in zip(WAVES, frames, strict=True):
            table.ingest(connection, frame)
            label_wave(connection, table, wave, reader.fetch("1"))
        # Pages see by these counters that figures are out of date; a session may tell them only seconds later.
        connection.exec_driver_sql("SELECT pg_stat_force_next_flush()")
    sweep = train_models(
        frames[1],
        data.catalogue,
        tracking_uri=mlflow_uri,
        wave=str(WAVES[1]),
        settings=TrainingSettings(k_min=3, k_max=3, bootstraps=2),
        report_progress=lambda _: None,
    )
    waves = {"reference_wave": str(WAVES[0]), "current_wave": str(WAVES[1])}
    candidate = registry.register_candidate(sweep, **waves, verdict="drift")
    before = os.environ.get("PROMOTION")
    os.environ["PROMOTION"] = "approve"
    try:
        decide(candidate, stack_waves(frames[0], frames[1], data.catalogue, *WAVES), data.decisions())
    finally:
        os.environ.pop("PROMOTION")
        if before is not None:
            os.environ["PROMOTION"] = before
    engine.dispose()
    return data
