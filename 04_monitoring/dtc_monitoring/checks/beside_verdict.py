"""What is told next to a verdict on customers: the same month of the year before, and customers who were not there earlier."""

from typing import Any, Final

import pandas as pd
from dtc_data import Catalogue, Wave
from dtc_data.catalogue import answer_matrix
from dtc_data.core import UNIT_ID, WaveError
from dtc_data.tables import UnitTable, WaveSample
from dtc_model.rule import SegmentModel
from sqlalchemy import Connection

from dtc_monitoring.errors import DriftCheckError
from dtc_monitoring.settings import DriftSettings
from dtc_monitoring.verdict import STATUS_WORDS

_ONE_PERCENT: Final = 0.01


def beside_verdict(
    connection: Connection, catalogue: Catalogue, wave: Wave, settings: DriftSettings
) -> dict[str, dict[str, Any]]:
    """Return what is to be told next to the verdict on customers.

    People buy by the season, so that a month differs from a reference of another season although nobody changed. Customers
    who were not there earlier are told apart, since they differ from the others without anybody having moved.

    Parameters
    ----------
    connection : Connection
        To the customer database, with the wave in the table of the catalogue.
    catalogue : Catalogue
    wave : Wave
        The one that was checked.
    settings : DriftSettings
    """
    table = UnitTable(catalogue)
    sample = table.sample(connection, wave, settings.largest_wave)
    current = table.load(connection, wave, sample)
    return {
        "season": _season(connection, table, wave, current, settings),
        "newcomers": _newcomers(connection, table, (wave, sample), current),
    }


def _season(
    connection: Connection, table: UnitTable, wave: Wave, current: pd.DataFrame, settings: DriftSettings
) -> dict[str, Any]:
    from dtc_monitoring.verdict import assess_drift  # noqa: PLC0415 - SciPy; `history` reads only what was stored

    before = Wave(wave.year - 1, wave.month)
    try:
        earlier = table.load(connection, before, table.sample(connection, before, settings.largest_wave))
        verdict = assess_drift(earlier, current, table.catalogue, settings)
    except WaveError:
        words = f"There is no wave of {before} to compare with: a seasonal effect cannot be excluded."
        return {"wave": str(before), "status": None, "words": words}
    except DriftCheckError as error:
        words = f"The wave of {before} could not be compared ({error}): a seasonal effect cannot be excluded."
        return {"wave": str(before), "status": None, "words": words}
    words = f"Against the same month of the year before, {before}: {STATUS_WORDS[verdict.status]} ({verdict.reason})."
    return {"wave": str(before), "status": verdict.status, "words": words}


def _newcomers(
    connection: Connection, table: UnitTable, looked_at: tuple[Wave, WaveSample], current: pd.DataFrame
) -> dict[str, Any]:
    catalogue, words = table.catalogue, table.catalogue.words
    new = current[current[UNIT_ID].isin(table.newcomers(connection, *looked_at))]
    share = len(new) / len(current)
    counts = _by_segment(new, catalogue)
    said = f"{words.units_counted(len(new))} ({_percent(share)}) {'is' if len(new) == 1 else 'are'} in no earlier wave"
    named = ", ".join(f"{name} {number / len(new):.0%}" for name, number in counts.items() if number)
    return {
        "units": len(new),
        "share": share,
        "segments": counts,
        "words": f"{said}: {named}." if named else f"{said}.",
    }


def _percent(share: float) -> str:
    """Write a share in whole percent; a few of many are not none."""
    return "less than 1%" if 0 < share < _ONE_PERCENT else f"{share:.0%}"


def _by_segment(units: pd.DataFrame, catalogue: Catalogue) -> dict[str, int]:
    """Count units by the nearest segment of the catalogue, by which the verdict is reached too."""
    if units.empty:
        return {}
    model = SegmentModel.from_catalogue(catalogue)
    found = model.label(answer_matrix(units, catalogue.features), catalogue.minimum_answered)
    named = zip(catalogue.segment_ids, catalogue.segment_names, strict=True)
    return {name: int((found == id_).sum()) for id_, name in named}
