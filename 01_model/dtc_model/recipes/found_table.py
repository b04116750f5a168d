"""A feature table in which segments are looked for, and what stands above them in the catalogue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from dtc_data.files import DecimalCommas, FileForm, TableBlock, TableFile, open_table

from dtc_model.discovery import DecidedBy
from dtc_model.errors import TrainingError
from dtc_model.profiles import NamingRules
from dtc_model.rule import EncodingKind


@dataclass(frozen=True, eq=False)
class Recipe:
    """What a subject gives the search for segments."""

    features: pd.DataFrame
    """One row per unit, ids in the index."""
    wave: str
    """What the units are of: a month, or the name of a file."""
    head: Mapping[str, Any]
    """What stands above the features in the catalogue, beside its name, table and registered model."""
    rules: NamingRules | None = None
    """Rules for names; None where there are none for these features."""
    fewest: int = 1
    """Fewest segments that are worth proposing."""
    only_shown: tuple[EncodingKind, ...] = ()
    """Encodings that are measured and never proposed."""
    methods: tuple[str, ...] = ("kmeans",)
    """Side by side; of several the first that `dtc_model.discovery` lets decide."""
    decided_by: DecidedBy = "evidence"
    """What decides among mixtures."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """What people read instead of the names of features."""
    described: Mapping[str, str] = field(default_factory=dict)
    """What features mean, by name, for the people who read the catalogue."""
    notes: tuple[str, ...] = field(default=())
    """What a reader should know about the table."""


def units_in_file(
    path: Path, id_column: str, date_column: str, names: Sequence[str] = (), wave: str | None = None
) -> Recipe:
    """Return the units of a CSV, Excel, SPSS or Parquet file, such as a survey without a vendor.

    Parameters
    ----------
    path : Path
    id_column, date_column : str
        Of the file; neither is a feature.
    names : sequence of str
        The features; all columns of numbers if none are named.
    wave : str, optional
        Only units of this month, like ``2025-01``; all by default.

    Raises
    ------
    TrainingError
        If the file cannot be read, lacks a column, or holds no numbers.
    """
    frame = _read(path, [id_column, date_column, *names])
    if missing := [name for name in (id_column, date_column, *names) if name not in frame.columns]:
        raise TrainingError(f"{path}: there is no column {missing[0]!r}; it has {', '.join(map(str, frame.columns))}")
    if wave:
        frame = frame[pd.to_datetime(frame[date_column], utc=True).dt.strftime("%Y-%m") == wave]
    others = frame.set_index(id_column).drop(columns=[date_column])
    chosen = others[list(names)] if names else others.select_dtypes("number")
    if chosen.empty:
        raise TrainingError(
            f"{path}: there are no units with numbers{f' in {wave}' if wave else ''} to find segments in"
        )
    left_out = [str(name) for name in others.columns if name not in chosen.columns]
    notes = (f"{', '.join(left_out)} left out: a catalogue of nearest centroids takes numbers",) if left_out else ()
    head = {"columns": {"id": id_column, "date": date_column}} | _missing_allowed(chosen)
    return Recipe(chosen, wave or path.name, head, notes=notes)


def _missing_allowed(features: pd.DataFrame) -> dict[str, Any]:
    """Allow missing answers where there are some: half of the features are then enough."""
    if not features.isna().to_numpy().any():
        return {}
    return {"missing_answers": {"minimum_answered": max(1, (features.shape[1] + 1) // 2)}}


def _read(path: Path, expected: Sequence[str]) -> pd.DataFrame:
    """Return the columns of a file: numbers where every cell is one, texts elsewhere, nothing where a cell is empty."""
    table = open_table(path, FileForm(), expected, TrainingError)
    decimals = DecimalCommas(table.decimal)
    named = [position for position, name in enumerate(table.names) if name]
    parts = []
    for block in table.blocks():
        for place, wrong in block.misfits.items():
            raise TrainingError(f"{path}, {table.place} {place}: {wrong}")
        parts.append(
            pd.DataFrame({table.names[position]: _cells(block, position, decimals, table) for position in named})
        )
    for column, doubt in decimals.doubts():
        raise TrainingError(f"{path}, column {column!r}: {doubt}")
    if not parts:
        raise TrainingError(f"{path}: the file has a header, but no units below it")
    return pd.concat(parts, ignore_index=True).apply(_numbers_or_texts)


def _cells(block: TableBlock, position: int, decimals: DecimalCommas, table: TableFile) -> pd.Series:
    cells = block.cells(position)
    if isinstance(cells, np.ndarray):
        return pd.Series(cells)
    texts = pd.Series(list(decimals.points(cells, table.names[position])), dtype=object).str.strip()
    return texts.mask(texts == "")


def _numbers_or_texts(column: "pd.Series[Any]") -> "pd.Series[Any]":
    numbers = pd.to_numeric(column, errors="coerce")
    return numbers if numbers.notna().equals(column.notna()) else column
