"""What travels with a run from whoever starts it: the segmentation, and the settings that the running stack must share.

A stack keeps the settings of its start. Whoever starts a run later, with another setting in `.env` or before the command, would
otherwise get a run by the old one and not notice.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from dtc_data.catalogue import Segmentation
from dtc_data.core import PostgresSettings, SettingsError, read_settings
from dtc_model.settings import GateSettings, PromotionSettings, TrainingSettings
from dtc_monitoring.settings import DriftSettings, TelegramSettings
from pydantic import SecretStr
from pydantic_settings import BaseSettings

from dtc_stack.settings import environment_names

COMPARED: Final[tuple[type[BaseSettings], ...]] = (DriftSettings, TrainingSettings, GateSettings, PromotionSettings)
"""Settings by which a run checks, trains and decides."""
_DATABASE: Final = ("POSTGRES_DBNAME", "POSTGRES_USER")
"""Which database is meant; its address may differ between this machine and a container."""
_DIGEST_CHARACTERS: Final = 12


def caller_variables(segmentation: Segmentation, **waves: str | None) -> dict[str, Any]:
    """Return the variables of a run for a segmentation: the segmentation, the waves that are given, and the settings here."""
    own = {
        "segmentation": segmentation.argument,
        "catalogue_digest": catalogue_digest(segmentation),
        "caller_settings": settings_here(),
    }
    return own | {name: value for name, value in waves.items() if value}


def catalogue_digest(segmentation: Segmentation) -> str:
    """Return letters that differ whenever the catalogue does, whatever its file is called."""
    return _digest(segmentation.catalogue.model_dump_json())


def settings_here() -> dict[str, str]:
    """Return the settings of this process that a run rests on, by the name of the variable; of secrets a digest alone."""
    found = {name: value for settings in COMPARED for name, value in _values(settings).items()}
    database = _values(PostgresSettings)
    telegram = {name: value for name, value in _values(TelegramSettings).items() if value is not None}
    return {
        name: _digest(value.get_secret_value()) if isinstance(value, SecretStr) else str(value)
        for name, value in (found | {name: database[name] for name in _DATABASE} | telegram).items()
    }


def refuse_other_settings(given: Mapping[str, str]) -> None:
    """Refuse a run that was started with other settings than the running stack has.

    Parameters
    ----------
    given : mapping
        What `settings_here` gave where the run was started; empty for a run that was started without any.

    Raises
    ------
    SettingsError
        If one differs; the message names each, and the way out.
    """
    if not given:
        return
    own = settings_here()
    secret = {
        name for name, field in environment_names(TelegramSettings).items() if "SecretStr" in str(field.annotation)
    }
    differing = [
        name if name in secret else f"{name} ({value}, and {own.get(name, 'not set')} here)"
        for name, value in given.items()
        if own.get(name) != value
    ]
    if differing:
        raise SettingsError(
            f"the run was started with other settings than this stack has: {', '.join(differing)}. A stack keeps the "
            "settings of its start: put them into .env and run make stop start, or start the run without them"
        )


def refuse_other_catalogue(given: str, segmentation: Segmentation) -> None:
    """Refuse a run that was started with another catalogue than the one that is found here under the same name.

    Raises
    ------
    SettingsError
        If the two differ.
    """
    if given and given != catalogue_digest(segmentation):
        raise SettingsError(
            f"the catalogue of {segmentation.name!r} is another one here ({segmentation.path}) than where the run was "
            "started: let both find the same file (SEGMENTATION, CATALOGUE_FOLDER)"
        )


def _values(settings: type[BaseSettings]) -> dict[str, Any]:
    read = read_settings(settings)
    return {
        name: getattr(read, field)
        for name, field in zip(environment_names(settings), settings.model_fields, strict=True)
    }


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_CHARACTERS]
