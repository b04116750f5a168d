"""One segmentation on the bench: its waves from the database, the model in production, and the way of a method to the gate."""

from dataclasses import dataclass
from typing import Any, Self

import pandas as pd
from dtc_data.catalogue import Catalogue, Segmentation, answer_matrix, find_segmentation
from dtc_data.core import UNIT_ID, PostgresSettings, Wave, WaveError, read_settings
from dtc_data.tables import CURRENT, UnitTable, make_engine, stack_waves, transaction, wave_called
from sqlalchemy import Engine

from dtc_model.decisions import Decisions, decide
from dtc_model.discovery import OwnMethod
from dtc_model.lab.grid_log import log_grid
from dtc_model.registry import ModelRegistry
from dtc_model.rule import SegmentModel
from dtc_model.settings import MlflowSettings
from dtc_model.training import called, train_models

ASKS = "it was tried in the lab, so a person must decide"


@dataclass(frozen=True, eq=False)
class Bench:
    """The stack's data and registry, for one segmentation."""

    segmentation: Segmentation
    engine: Engine
    tracking_uri: str

    @classmethod
    def open(cls, segmentation: str | None = None) -> Self:
        """Open a segmentation by its name or its catalogue's path, SEGMENTATION by default; settings as for any command.

        Raises
        ------
        UnknownSegmentationError, CatalogueError, SettingsError
            As `dtc_data.catalogue.find_segmentation` does.
        """
        engine = make_engine(read_settings(PostgresSettings))
        return cls(find_segmentation(segmentation), engine, read_settings(MlflowSettings).tracking_uri)

    @property
    def catalogue(self) -> Catalogue:
        """The segmentation's catalogue."""
        return self.segmentation.catalogue

    @property
    def registry(self) -> ModelRegistry:
        """The registered versions."""
        return ModelRegistry.of(self.tracking_uri, self.segmentation)

    def waves(self) -> list[Wave]:
        """List the waves that there are, the earliest first."""
        with transaction(self.engine) as connection:
            return UnitTable(self.catalogue).waves(connection)

    def two_waves(self, reference: str | None = None, current: str | None = None) -> tuple[Wave, Wave]:
        """Return the waves that are named, the first and the last one by default.

        Raises
        ------
        WaveError
            If there is none, or a name is not a month.
        """
        named = [Wave.parse(name) if name else None for name in (reference, current)]
        waves = self.waves()
        if not waves:
            raise WaveError(f"table {self.catalogue.unit_table!r} holds no waves yet: ingest some first")
        return named[0] or waves[0], named[1] or waves[-1]

    def units(self, wave: Wave) -> pd.DataFrame:
        """Return the features of a wave's units, their ids in the index; categories are text.

        Raises
        ------
        WaveError
            If the wave holds no units.
        """
        return self._table_rows(wave).set_index(UNIT_ID)[list(self.catalogue.feature_names)]

    def production(self) -> SegmentModel:
        """Return the model in production, the catalogue's own while there is none."""
        registry = self.registry
        version = registry.production_or_none()
        return registry.load(version) if version else SegmentModel.from_catalogue(self.catalogue)

    def shares(self, *waves: Wave) -> pd.DataFrame:
        """Return units and the share of each segment by wave, all waves labelled by the model in production.

        Units without a label are in no share; ``without`` is their share of all.
        """
        model, catalogue = self.production(), self.catalogue
        rows: dict[str, dict[str, float]] = {}
        for wave in waves or tuple(self.waves()):
            answers = answer_matrix(self.units(wave), catalogue.features)
            labels = pd.Series(model.label(answers, catalogue.missing_answers.minimum_answered))
            known = labels[labels.isin(model.segment_ids)]
            shares = known.value_counts(normalize=True)
            named = dict(
                zip(model.segment_names, (float(shares.get(id_, 0.0)) for id_ in model.segment_ids), strict=True)
            )
            rows[str(wave)] = {"units": len(labels), **named, "without": 1 - len(known) / len(labels)}
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("wave")

    def means(self, *waves: Wave) -> pd.DataFrame:
        """Return each feature's mean by wave, one row per wave; of a category it is the share of each value."""
        rows = {str(wave): pd.get_dummies(self.units(wave)).mean() for wave in waves or tuple(self.waves())}
        return pd.DataFrame(rows).T.fillna(0.0).rename_axis("wave")

    def keep_grid(self, grid: pd.DataFrame, wave: Wave) -> str:
        """Log a grid with its picture to MLflow, and return the run's id (see `dtc_model.lab.grid_log.log_grid`)."""
        return log_grid(grid, self.segmentation.name, str(wave), self.tracking_uri)

    def try_method(self, method: OwnMethod, reference: Wave, current: Wave) -> dict[str, Any]:
        """Train by somebody's own method on the current wave, register what it finds as a candidate, and let the gate judge it.

        It is the way of every candidate, but that it never goes into production by itself: also where the gate finds
        nothing against it a person decides.

        Parameters
        ----------
        method : callable
            See `dtc_model.discovery.own_method.OwnMethod`; its name is kept.
        reference, current : Wave
            The candidate is judged on both, as in a pipeline run.

        Returns
        -------
        dict
            As `dtc_model.decisions.decide_candidate.decide` gives it: ``version``, ``decision``, ``findings``, ``reason`` and more.

        Raises
        ------
        TrainingError
            If the method finds no segments, or returns something other than clusters.
        NoProductionVersionError
            If nothing is in production that the candidate could be compared with.
        """
        before, now = self._table_rows(reference), self._table_rows(current)
        wave_pair = stack_waves(before, now, self.catalogue, reference, current)
        sweep = train_models(
            wave_called(wave_pair, CURRENT), self.catalogue, wave=current, tracking_uri=self.tracking_uri, method=method
        )
        candidate = self.registry.register_candidate(
            sweep,
            reference_wave=str(reference),
            current_wave=str(current),
            verdict=f"tried in the lab, by {called(method)}",
        )
        return decide(candidate, wave_pair, Decisions(self.registry, self.engine), asks=ASKS)

    def _table_rows(self, wave: Wave) -> pd.DataFrame:
        with transaction(self.engine) as connection:
            return UnitTable(self.catalogue).load(connection, wave)
