"""The steps of a run that change something outside it, each done once whatever Mage does.

On a busy machine Mage executes a run twice at the same time. Steps that only read are then done twice, and no harm comes of it.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from dtc_data.core import PostgresSettings, read_settings
from dtc_data.tables import make_engine, once

from dtc_stack.mage.run_variables import NOTEBOOK, RunVariables, run_id_of


def once_per_run(
    step: str,
    variables: Mapping[str, Any],
    work: Callable[[RunVariables], dict[str, Any]],
    *,
    without_database: bool = False,
) -> dict[str, Any]:
    """Return the result of a step of a run, which is done unless another execution of the run has done it.

    Parameters
    ----------
    step : str
        Name of the block.
    variables : mapping
        What Mage passes to the block.
    work : callable
        Does the step and gives plain JSON types.
    without_database : bool
        Do the work also where the customer database is out of reach, such as telling people.

    Raises
    ------
    RunStepError, DatabaseUnavailableError
        As `dtc_data.tables.once`; and as `RunVariables.read`.
    """
    run = RunVariables.read(variables)
    return once_among(step, variables, lambda: work(run), without_database=without_database)


def once_among(
    step: str, variables: Mapping[str, Any], work: Callable[[], dict[str, Any]], *, without_database: bool = False
) -> dict[str, Any]:
    """Do as `once_per_run` for a run that is about no segmentation.

    A block in Mage's notebook belongs to no run and does its work each time.
    """
    run_id = run_id_of(variables)
    if run_id == NOTEBOOK:
        return work()
    return once(make_engine(read_settings(PostgresSettings)), run_id, step, work, without_database=without_database)


def loading_began(variables: Mapping[str, Any]) -> datetime:
    """Return a moment before a run loaded the rows of its waves: that of the first call, which the block before the SQL blocks makes.

    What is withdrawn after it may be among the rows on which the run's verdict rests, even if that is stored later.

    Raises
    ------
    DatabaseUnavailableError
        If the customer database is out of reach.
    """
    began = once_among("load_waves", variables, lambda: {"began_at": datetime.now(UTC).isoformat()})
    return datetime.fromisoformat(began["began_at"])
