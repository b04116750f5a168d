"""Lists of stores by quarter, for a spreadsheet, and what they come to by archetype."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from dtc_data.catalogue import Catalogue
from dtc_data.core import read_settings
from dtc_data.stores import Quarter, load_action_rules
from dtc_data.tables import UnitTable, transaction, write_sheet
from dtc_model.discovery import Tiers, tiers
from dtc_model.errors import TrainingError
from dtc_model.profiles import PlannerMove
from dtc_model.recipes import StoreSheet, store_sheet
from dtc_model.registry import RegistryReader
from dtc_model.settings import MlflowSettings
from dtc_model.training import log_files
from dtc_monitoring.checks import move_words, planner_moves
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from dtc_stack.jobs.main_job import MainJob
from dtc_stack.settings import PROJECT_FOLDER

ACTION_RULES = PROJECT_FOLDER / "00_create_data" / "store_actions.yaml"
"""Rules that people edit."""


@dataclass(frozen=True, eq=False)
class StoreReports:
    """What was written about the stores."""

    quarter: Quarter
    archetypes: list[dict[str, Any]]
    """Of the last quarter."""
    tier_words: str
    files: list[Path]
    page: str
    """Of MLflow."""
    moves: list[dict[str, Any]]
    """Stores that a person moved, in plain JSON types, with the quarters that contradict it."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return {
            "last_quarter": str(self.quarter),
            "archetypes": self.archetypes,
            "tiers": self.tier_words,
            "store_lists": [str(file) for file in self.files],
            "moves": self.moves,
        }


def write_store_reports(
    job: MainJob, features: pd.DataFrame, quarters: list[Quarter], folder: Path, quality: Mapping[str, Any]
) -> StoreReports:
    """Write a list of the stores of each quarter, one a row; keep them in MLflow, and in the database for the pages as well.

    Parameters
    ----------
    job : MainJob
        Of the segmentation of stores, whose waves are labelled.
    features : DataFrame
        As `dtc_data.stores.store_features` returns them.
    quarters : list of Quarter
        The reference first; tiers are learned on it, so that one means the same in every quarter.
    folder : Path
    quality : mapping
        What was found in the retailer's files, in plain JSON types.

    Raises
    ------
    RetailDataError
        If the rule file cannot be used.
    """
    rules = load_action_rules(ACTION_RULES)
    learned = _tiers(features, quarters[0])
    table, sheets, files = UnitTable(job.catalogue), dict[Quarter, StoreSheet](), list[Path]()
    moves, reader = list[PlannerMove](), RegistryReader(job.tracking_uri, job.catalogue.registered_model)
    folder.mkdir(parents=True, exist_ok=True)
    for quarter in quarters:
        with transaction(job.engine) as connection:
            units = table.load(connection, quarter.wave)
        version = str(units["model_version"].dropna().mode().iloc[0])
        model = reader.fetch(version).model
        of_quarter = features[features["quarter"] == str(quarter)]
        sheets[quarter] = store_sheet(units, of_quarter, model, job.catalogue, rules, learned)
        with transaction(job.engine) as connection:
            moves = planner_moves(connection, table, lambda one: reader.fetch(one).model if one else None, quarter.wave)
        files.append(folder / f"stores_{quarter}.csv")
        sheets[quarter].stores.round(4).to_csv(files[-1], index_label=job.catalogue.columns.id)
        content = sheets[quarter].to_dict() | {
            "quarter": str(quarter),
            "tiers": learned.words,
            "moves": _told(moves, job.catalogue),
            "quality": dict(quality),
        }
        with transaction(job.engine) as connection:
            write_sheet(connection, job.catalogue.unit_table, quarter.wave, content)
    last = quarters[-1]
    files.append(folder / f"actions_{last}.csv")
    sheets[last].actions.to_csv(files[-1], index=False)
    mlflow = read_settings(MlflowSettings)
    page = log_files(
        f"stores {last}",
        files,
        experiment=f"{job.catalogue.registered_model} lists",
        tracking_uri=mlflow.tracking_uri,
        public_url=mlflow.page,
    )
    return StoreReports(last, sheets[last].archetypes(), learned.words, files, page, _told(moves, job.catalogue))


def _told(moves: list[PlannerMove], catalogue: Catalogue) -> list[dict[str, Any]]:
    return [move.to_dict() | {"flagged": move.is_flagged, "words": move_words(move, catalogue)} for move in moves]


def _tiers(features: pd.DataFrame, quarter: Quarter) -> Tiers:
    try:
        return tiers(features[features["quarter"] == str(quarter)]["year_revenue_per_day"])
    except TrainingError as error:
        raise TrainingError(f"tiers by revenue per day of the year up to {quarter}: {error}") from error


def show_stores(reports: StoreReports, console: Console) -> None:
    """Print what people compare: archetypes with their stores and tiers, and what to do with each."""
    table = Table("archetype", "stores", "tiers", "below potential by", "what sets it apart")
    for one in reports.archetypes:
        counts = ", ".join(f"{tier} {count}" for tier, count in one["tiers"].items())
        gap = "" if one["potential_gap"] is None else f"{one['potential_gap']:,.0f}"
        cells = (one["archetype"], str(one["stores"]), counts, gap, one["sets_it_apart"])
        table.add_row(*map(escape, cells))
    console.print(f"\n[bold]Archetypes in {reports.quarter}[/]", table)
    console.print("\n[bold]What to do with each[/]")
    for one in reports.archetypes:
        console.print(f"{one['archetype']}:", markup=False)
        for action in one["recommended"]:
            console.print(f"  - {action['action']} {action['reason']}", markup=False)
    console.print()
    console.print(f"Tiers by revenue per day of the last year: {reports.tier_words}", markup=False)
    for move in reports.moves:
        console.print(move["words"], markup=False)
    console.print("Store by store: " + ", ".join(map(str, reports.files)), markup=False)
