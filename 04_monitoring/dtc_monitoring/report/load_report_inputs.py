"""What a run's steps do not know and people want to see: earlier waves from Postgres, centroids from the registry."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import structlog
from dtc_data import Catalogue
from dtc_data.core import DtcError
from dtc_data.tables import transaction, withdrawals_of
from dtc_model.drawing import colour
from dtc_model.registry import RegistryReader
from dtc_model.rule import SegmentModel, typical_in_words
from sqlalchemy import Engine

from dtc_monitoring.checks import latest_checks
from dtc_monitoring.report.report_content import Profile, ReportContent
from dtc_monitoring.report.report_reading import read_content

MOST_CHECKS: Final = 500
"""Checks that are read to find the waves so far; several may be of one wave."""

_log = structlog.get_logger()
_Found = TypeVar("_Found")


def gather(
    check: Mapping[str, Any],
    promotion: Mapping[str, Any] | None,
    *,
    catalogue: Catalogue,
    engine: Engine,
    tracking_uri: str,
) -> ReportContent:
    """Bring together what there is to tell about a run; what cannot be read is left out and logged.

    Parameters as `dtc_monitoring.alerts.telling.tell`.
    """
    name = catalogue.registered_model
    earlier = _or_none("the earlier waves", lambda: _earlier_checks(engine, catalogue)) or []
    with RegistryReader(tracking_uri, name) as reader:
        production = _or_none("the version in production", reader.production_version)
        candidate = str(promotion["version"]) if promotion else None
        compared = _compared_versions(promotion or {}, production)
        profiles: list[Profile] = []
        if candidate and compared and candidate != compared:
            read = lambda: profiles_of(reader.fetch(compared).model, reader.fetch(candidate).model)  # noqa: E731
            profiles = _or_none("the centroids", read) or []
    return read_content(
        check,
        promotion,
        segments=catalogue.segment_names,
        earlier=earlier,
        production_version=production,
        feature_names=catalogue.centroid_columns,
        profiles=profiles,
        survey=catalogue.name,
        words=catalogue.words,
        questions={feature.name: text for feature in catalogue.features if (text := feature.question or feature.label)},
        titles={feature.name: feature.title for feature in catalogue.features},
        colours=[segment.colour or colour(place) for place, segment in enumerate(catalogue.segments)],
    )


def profiles_of(production: SegmentModel, candidate: SegmentModel) -> list[Profile]:
    """Put the centroids of two models side by side, in scaled units, the personas first that production has."""
    before, after = _scaled_centroids(production), _scaled_centroids(candidate)
    names = [*before, *(name for name in after if name not in before)]
    said = [_typical_words(model) for model in (production, candidate)]
    return [
        Profile(name, before.get(name), after.get(name), *(words.get(name, {}) for words in said)) for name in names
    ]


def _scaled_centroids(model: SegmentModel) -> dict[str, tuple[float, ...]]:
    rows = model.encoder.scaled_centroids(model.centroids).tolist()
    return {name: tuple(row) for name, row in zip(model.segment_names, rows, strict=True)}


def _typical_words(model: SegmentModel) -> dict[str, dict[str, str]]:
    pairs = zip(model.segment_names, model.centroids.tolist(), strict=True)
    return {name: typical_in_words(model.encoder, centroid) for name, centroid in pairs}


def _compared_versions(promotion: Mapping[str, Any], production: str | None) -> str | None:
    """Return the version that the candidate is compared with: the one that was in production when it came."""
    previous = promotion.get("previous_version")
    return str(previous) if previous and previous != promotion.get("version") else production


def _earlier_checks(engine: Engine, catalogue: Catalogue) -> list[Mapping[str, Any]]:
    """Read the checks so far, each with whether it rests on units that were withdrawn later."""
    with transaction(engine) as connection:
        withdrawn = withdrawals_of(connection, catalogue.unit_table)
        checks = latest_checks(connection, catalogue.registered_model, MOST_CHECKS)
    return [check.to_dict() | {"withdrawn": check.rests_on(withdrawn)} for check in checks]


def _or_none(what: str, read: Callable[[], _Found]) -> _Found | None:
    try:
        return read()
    except DtcError as error:
        _log.warning("the alert and the report go without a part", part=what, reason=str(error))
        return None
