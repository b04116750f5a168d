"""The history of a catalogue's personas, wave by wave."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from dtc_data import Catalogue
from dtc_data.tables import Labelling, UnitTable, Withdrawal, transaction, withdrawals_of, withdrawn_since
from dtc_model.decisions import Decision, read_decisions
from dtc_model.profiles import PlannerMove
from dtc_model.registry import RegistryReader
from sqlalchemy import Connection, Engine

from dtc_monitoring.checks import checked_waves, planner_moves
from dtc_monitoring.history.movement import Transitions
from dtc_monitoring.history.share_change import ShareChange, change_between
from dtc_monitoring.history.stored_labels import LabelledWave
from dtc_monitoring.history.stored_models import StoredModels
from dtc_monitoring.history.wave_summary import WaveSummary


@dataclass(frozen=True, eq=False)
class SegmentHistory:
    """Everything that ``make history`` shows."""

    catalogue: Catalogue
    waves: tuple[WaveSummary, ...]
    changes: tuple[ShareChange, ...]
    """Between each labelled wave and the labelled one before it."""
    transitions: Transitions
    labellings: tuple[Labelling, ...]
    promotions: tuple[Decision, ...]
    problems: Mapping[str, str]
    """By version, why its model cannot be read any more."""
    withdrawals: tuple[Withdrawal, ...] = ()
    """Waves that were withdrawn, the first withdrawal first."""
    moves: tuple[PlannerMove, ...] = ()
    """Units that people moved to another segment, with the waves in which their features contradict that."""

    def is_withdrawn(self, one: Labelling) -> bool:
        """Tell whether a labelling gave labels to respondents who were withdrawn later."""
        return withdrawn_since(self.withdrawals, (one.wave,), one.at)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values for JSON."""
        return {
            "registered_model": self.catalogue.registered_model,
            "personas": list(self.catalogue.segment_names),
            "waves": [wave.to_dict() for wave in self.waves],
            "changes": [change.to_dict() for change in self.changes],
            "transitions": self.transitions.to_dict(),
            "labellings": [
                {
                    "wave": str(one.wave),
                    "version": one.model_version,
                    "at": one.at.isoformat(),
                    "labels": one.labels,
                    "withdrawn": self.is_withdrawn(one),
                }
                for one in self.labellings
            ],
            "promotions": [promotion.to_dict() for promotion in self.promotions],
            "withdrawals": [one.to_dict() for one in self.withdrawals],
            "moves": [move.to_dict() | {"flagged": move.is_flagged} for move in self.moves],
            "problems": dict(self.problems),
        }


def read_history(connection: Connection, table: UnitTable, models: StoredModels) -> SegmentHistory:
    """Read the history from the database; one wave and the one before it, or a sample of each, are in memory at a time.

    Parameters
    ----------
    connection : Connection
        In a transaction.
    table : UnitTable
    models : StoredModels
        Read under the versions that labelled.

    Raises
    ------
    UnitTableError
        If the table is missing, does not fit the catalogue, holds personas that the catalogue does not have, or was
        labelled by another registered model.
    AnswersError
        If an answer is too large to be labelled.
    """
    verdicts = checked_waves(connection, table.catalogue.registered_model)
    withdrawn = withdrawals_of(connection, table.name)
    waves: list[WaveSummary] = []
    changes: list[ShareChange] = []
    before: LabelledWave | None = None
    for labelled in _labelled_waves(connection, table):
        waves.append(WaveSummary.of(labelled, verdicts.get(labelled.wave), models, withdrawn))
        if not labelled.by_version:
            continue
        if before is not None:
            rule = models.get(before.rule)
            changes.append(change_between(before, labelled, rule, models.problems.get(before.rule, "")))
        before = labelled
    return SegmentHistory(
        catalogue=table.catalogue,
        waves=tuple(waves),
        changes=tuple(changes),
        transitions=Transitions.of(table.transitions(connection), table.catalogue),
        labellings=tuple(table.labellings(connection)),
        promotions=tuple(read_decisions(connection, table.catalogue.registered_model)),
        problems=models.problems,
        withdrawals=tuple(withdrawn),
        moves=tuple(planner_moves(connection, table, lambda version: models.get(version) if version else None)),
    )


def segment_history(
    engine: Engine, catalogue: Catalogue, tracking_uri: str, table_name: str | None = None
) -> SegmentHistory:
    """Read the history of a catalogue from the database that an engine leads to; see `read_history`.

    A registry that cannot be reached raises nothing: what needs a model is missing then, and ``problems`` says why.
    """
    with _at_one_moment(engine) as connection, RegistryReader(tracking_uri, catalogue.registered_model) as reader:
        return read_history(connection, UnitTable(catalogue, table_name), StoredModels(reader, catalogue))


def segment_transitions(engine: Engine, catalogue: Catalogue) -> Transitions:
    """Return how units went from segment to segment, counted by the database: of any number of units, and without the models."""
    with transaction(engine) as connection:
        return Transitions.of(UnitTable(catalogue).transitions(connection), catalogue)


def wave_history(engine: Engine, catalogue: Catalogue, tracking_uri: str) -> list[WaveSummary]:
    """Return all waves in the respondent table, the earliest first; see `segment_history`."""
    with _at_one_moment(engine) as connection, RegistryReader(tracking_uri, catalogue.registered_model) as reader:
        verdicts = checked_waves(connection, catalogue.registered_model)
        models = StoredModels(reader, catalogue)
        withdrawn = withdrawals_of(connection, catalogue.unit_table)
        waves = _labelled_waves(connection, UnitTable(catalogue))
        return [WaveSummary.of(labelled, verdicts.get(labelled.wave), models, withdrawn) for labelled in waves]


@contextmanager
def _at_one_moment(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that sees the database as it was at its beginning, whoever labels meanwhile."""
    with transaction(engine) as connection:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield connection


def _labelled_waves(connection: Connection, table: UnitTable) -> Iterator[LabelledWave]:
    table.require_own_labels(connection)
    for wave in table.waves(connection):
        yield LabelledWave.load(connection, table, wave)
