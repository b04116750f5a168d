"""What is left to do after another version went into production: waves in the database keep their labels until they are labelled again."""

from collections.abc import Callable, Sequence
from typing import Final

import structlog
from dtc_data.core import DtcError, Wave

MOST_COMMANDS: Final = 3
"""Most commands that are written out."""

_log = structlog.get_logger()


def stale_labels(find: Callable[[], Sequence[Wave]], command: Callable[[str], str]) -> str:
    """Say which waves carry labels of another version than production's, and which command labels them by it.

    Parameters
    ----------
    find : callable
        Finds the waves, see `dtc_model.decisions.decisions.Decisions.stale_waves`. That it cannot is logged: a decision that was
        made is not called into question by it.
    command : callable
        Writes a make command for the segmentation, see `dtc_data.catalogue.Segmentation.command`.

    Returns
    -------
    str
        Empty if there are none.
    """
    try:
        waves = [str(wave) for wave in find()]
    except DtcError as error:
        _log.warning("waves with labels of another version could not be looked for", reason=str(error))
        return ""
    if not waves:
        return ""
    commands = [command(f"label WAVE={wave}") for wave in waves[:MOST_COMMANDS]]
    more = "" if len(waves) <= MOST_COMMANDS else ", and so on for each"
    return (
        f"Labels in the database are still by another version in {', '.join(waves)}. To label by this one: "
        f"{', '.join(commands)}{more}"
    )
