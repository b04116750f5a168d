"""The `.env` file: written once with secrets of its own, checked at each start, never overwritten."""

import difflib
import os
import secrets
from pathlib import Path

import structlog
from dotenv import dotenv_values
from dtc_data.core import HOW_TO_NAME_ONE, RETIRED_VARIABLE, SettingsError
from pydantic import SecretStr

from dtc_stack.settings import ALL_SETTINGS, environment_names

_log = structlog.get_logger()

SECRET_BYTES = 24
"""Entropy of each generated secret."""

RETIRED = {
    "DRIFT_WEIGHT_COLUMN": "Delete the line; the catalogue names the column now (columns, weight).",
    RETIRED_VARIABLE: f"{HOW_TO_NAME_ONE}.",
}
"""Settings of earlier versions, and what has taken their place."""


def generated_secrets() -> frozenset[str]:
    """Name the settings that have no default and are secret: `.env` gets a random value for each."""
    return frozenset(
        name
        for settings in ALL_SETTINGS
        for name, field in environment_names(settings).items()
        if field.is_required() and field.annotation is SecretStr
    )


def known_names() -> frozenset[str]:
    """Name every setting that `.env` may hold."""
    return frozenset(name for settings in ALL_SETTINGS for name in environment_names(settings))


def write_if_absent(example: Path, target: Path) -> bool:
    """Write `.env` from `.env.example` with random secrets, readable by its owner only.

    Returns
    -------
    bool
        Whether the file was written; an existing one is left as it is.
    """
    if target.exists():
        return False
    wanted = generated_secrets()
    lines = []
    for line in example.read_text(encoding="utf-8").splitlines():
        name, separator, value = line.partition("=")
        fill = separator and not value and name in wanted
        lines.append(f"{name}={secrets.token_urlsafe(SECRET_BYTES)}" if fill else line)
    draft = target.with_name(f"{target.name}.{os.getpid()}.draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    try:
        os.link(draft, target)  # fails if another process was first: its secrets then hold for both
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def check_names(path: Path) -> None:
    """Refuse keys that nothing reads, since a misspelt setting would silently have no effect.

    Raises
    ------
    SettingsError
        If a key is unknown; the message names it, its line's likely meaning, and the file.
    """
    known = known_names()
    for name in dotenv_values(path):
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = RETIRED.get(name) or (f"Did you mean {close[0]}?" if close else "Delete the line.")
            raise SettingsError(f"{path}: nothing reads the setting {name}. {hint} .env.example lists all settings.")


def protect(path: Path) -> None:
    """Take away other users' access to `.env`, and say so."""
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)
        _log.warning("other users could read the file with the secrets; its mode is 600 now", file=str(path))
