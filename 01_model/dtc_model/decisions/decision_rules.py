"""What must hold before a decision on a version is made; each rule refuses by raising."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from dtc_data.catalogue import Catalogue, capital
from dtc_data.core import SettingsError

from dtc_model.decisions.decision_codes import only_by_command
from dtc_model.decisions.decision_record import Record
from dtc_model.decisions.decision_table import WITH_REASONS, Decision, Source, plain
from dtc_model.errors import RegistryConflictError
from dtc_model.registry import CATALOGUE_VERSION, FROM_CATALOGUE

_ASKED: Final = {"VERSION": "which version (VERSION=3)", "BY": "who decides (BY=...)", "WHY": "why (WHY=...)"}
"""What somebody who decides has to say."""


def check_all_said(**said: str) -> None:
    """Refuse a decision of which a part is left out.

    Raises
    ------
    SettingsError
        If one of VERSION, BY and WHY is empty; the message names each.
    """
    if empty := [name for name, value in said.items() if not plain(value)]:
        asked = _listed([_ASKED[name] for name in empty])
        raise SettingsError(
            f"{_listed(empty)} {'is' if len(empty) == 1 else 'are'} empty: say {asked}; all of it is recorded"
        )


def check_still_in_production(
    expected: str | None, production: str | None, record: Record, command: Callable[[str], str]
) -> None:
    """Refuse a decision that somebody made while another version was in production.

    Raises
    ------
    RegistryConflictError
        If ``production`` is not ``expected``; the message says which decision came in between.
    """
    if production != expected:
        raise RegistryConflictError(
            f"version {expected} was in production when this was decided, and {production} is now ({record.last}): look at "
            f"`{command('versions')}` and decide again"
        )


def check_may_be_promoted(
    found: Mapping[str, Any], catalogue: Catalogue, source: Source, record: Record, command: Callable[[str], str]
) -> None:
    """Refuse what nobody, or only a person with a reason, may put into production.

    Parameters
    ----------
    found : mapping
        The version, as `dtc_model.registry.registered_versions.RegisteredVersions.version` gives it.
    catalogue : Catalogue
        Whose segments a version must hold.
    source : Source
        By which way the decision comes.
    record : Record
        The decisions so far.
    command : callable
        Writes a make command for the segmentation.

    Raises
    ------
    RegistryConflictError
        If the version was rejected, does not hold each segment once, or was in production before and ``source`` is a
        button or the pipeline.
    """
    version = found["version"]
    earlier = record.last_on(version)
    if earlier is not None and earlier.action == "rejected":
        raise RegistryConflictError(f"{earlier}. That is final: retrain to get a new candidate")
    if not found.get("promotable", False):
        words = catalogue.words
        lacking = " and ".join(found.get("missing", [])) or "none"
        raise RegistryConflictError(
            f"version {version} has {found.get('k', 'an unknown number of')} clusters, which cannot stand for the "
            f"{len(catalogue.segments)} {words.segments} one by one ({words.segments} without a cluster: {lacking}). "
            f"{capital(words.units)} would get labels that the client does not know, so nobody can promote it: retrain "
            "without TRAIN_K, or agree on a new catalogue"
        )
    if source not in WITH_REASONS and record.was_in_production(version):
        raise RegistryConflictError(only_by_command(version, command))


def check_rests_on(found: Mapping[str, Any], catalogue_version: str | None, command: Callable[[str], str]) -> None:
    """Refuse a candidate whose clusters were matched to another catalogue than production's.

    Parameters
    ----------
    found : mapping
        The version, as `check_may_be_promoted` takes it.
    catalogue_version : str, optional
        The version of the catalogue on which production rests.
    command : callable
        Likewise.

    Raises
    ------
    RegistryConflictError
        If it is one; a version that is a catalogue itself may always come back.
    """
    own = found.get(CATALOGUE_VERSION)
    if found.get("source") != FROM_CATALOGUE and catalogue_version is not None and own not in {None, catalogue_version}:
        raise RegistryConflictError(
            f"version {found['version']} was trained for the catalogue of version {own}, and production rests on that of "
            f"version {catalogue_version}: its segments are others. Retrain, or go back with `{command('rollback')}`"
        )


def check_may_be_rejected(found: Mapping[str, Any], record: Record, command: Callable[[str], str]) -> None:
    """Refuse to reject what is not a candidate any more; parameters as for `check_may_be_promoted`.

    Raises
    ------
    RegistryConflictError
        If the version is the catalogue, or is or was in production.
    """
    version = found["version"]
    if found.get("source") == FROM_CATALOGUE or found["promoted"] or record.last_on(version) is not None:
        raise RegistryConflictError(
            f"version {version} cannot be rejected: it is or was in production. `{command('rollback')}` goes back to the "
            "version before"
        )


def is_repeated_rollback(last: Decision, record: Record, by: str, why: str, expected: str | None) -> bool:
    """Tell whether the same person made the same rollback already: it was interrupted, or the button pressed twice."""
    if last.action != "rolled_back" or last.by != plain(by):
        return False
    return (last in record.completed and last.why == plain(why)) or last.previous_version == expected


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
