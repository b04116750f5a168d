"""What the edited catalogue would change if it were adopted: what moved, and who would be relabelled."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

import pandas as pd
from dtc_data.catalogue import Catalogue, answer_matrix
from dtc_data.core import SEGMENT, UnitTableError, Wave, WaveError
from dtc_data.tables import UnitTable, transaction
from sqlalchemy import Engine

from dtc_model.errors import RegistryConflictError
from dtc_model.registry import ModelRegistry
from dtc_model.rule import INCOMPLETE, SegmentModel

NO_SEGMENT = "no segment"
"""Stands for a segment where too few answers were given."""


@dataclass(frozen=True)
class Relabelling:
    """How the units of a wave would go from segment to segment; those that the vendor labelled keep their segment."""

    wave: Wave
    units: int
    by_vendor: int
    """Units whose segment the vendor gave; they are not counted below."""
    counts: Mapping[str, Mapping[str, int]]
    """Units by their segment under production, then by that under the edited catalogue; both by the edited names."""

    @classmethod
    def of(cls, wave: Wave, units: pd.DataFrame, production: SegmentModel, catalogue: Catalogue) -> Self:
        """Label the units of a wave by both; ``units`` as `dtc_data.tables.UnitTable.load` gives them."""
        given = units[SEGMENT].notna() & units["model_version"].isna()
        answers = answer_matrix(units.loc[~given], catalogue.features)
        edited = SegmentModel.from_catalogue(catalogue)
        names = {id_: name for model in (production, edited) for id_, name in _named(model)} | {INCOMPLETE: NO_SEGMENT}
        before, after = (
            [names[label] for label in model.label(answers, catalogue.minimum_answered).tolist()]
            for model in (production, edited)
        )
        table = pd.crosstab(pd.Series(before, dtype=object), pd.Series(after, dtype=object))
        counts = {str(name): {str(to): int(n) for to, n in row.items() if n} for name, row in table.iterrows()}
        return cls(wave, len(units), int(given.sum()), counts)

    @property
    def relabelled(self) -> int:
        """Units that would get another segment; one that only has another name is none."""
        return sum(n for name, row in self.counts.items() for to, n in row.items() if to != name)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        counts = {name: dict(row) for name, row in self.counts.items()}
        own = {"wave": str(self.wave), "units": self.units, "relabelled": self.relabelled, "by_vendor": self.by_vendor}
        return own | {"counts": counts}


@dataclass(frozen=True)
class CatalogueChanges:
    """What was edited since the version of the catalogue on which production rests."""

    catalogue_version: str | None
    """None if nothing is registered yet."""
    production_version: str | None
    edits: tuple[str, ...]
    objection: str
    """Why the edit cannot be adopted; empty if it can."""
    relabelling: Relabelling | None
    """None if there is no wave to look at, or the edit cannot be adopted."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return {
            "catalogue_version": self.catalogue_version,
            "production_version": self.production_version,
            "edits": list(self.edits),
            "objection": self.objection,
            "relabelling": self.relabelling.to_dict() if self.relabelling else None,
        }


def catalogue_changes(registry: ModelRegistry, engine: Engine) -> CatalogueChanges:
    """Compare the catalogue with the registered one, and label the latest wave by both.

    Raises
    ------
    ModelUnavailableError, TrackingError
        If MLflow cannot be reached, or refuses.
    DatabaseUnavailableError
        If Postgres cannot be used.
    """
    rests_on, production = registry.catalogue_version(), registry.production_or_none()
    if rests_on is None:
        return CatalogueChanges(None, production, (), "", None)
    edits = tuple(registry.catalogue_edits())
    objection = _objection(registry) if edits else ""
    relabelling = None
    if edits and not objection:
        relabelling = _on_latest_wave(engine, registry.load(production or rests_on), registry.catalogue)
    return CatalogueChanges(rests_on, production, edits, objection, relabelling)


def changes_in_words(changes: CatalogueChanges, registry: ModelRegistry) -> list[str]:
    """Write the changes for people, and the command that adopts them."""
    name, title = registry.name, registry.catalogue.name
    adopt = f"To make it a new version in production: {registry.command('adopt_catalogue BY=… WHY=…')}"
    if changes.catalogue_version is None:
        return [f"The catalogue {title!r} is not registered yet. {adopt}"]
    version = f"version {changes.catalogue_version} of {name}"
    if not changes.edits:
        return [
            f"The catalogue {title!r} is as {version} has it, on which production rests: there is nothing to adopt."
        ]
    lines = [f"Edited in the catalogue {title!r} since {version}:", *(f"• {edit}" for edit in changes.edits)]
    if changes.objection:
        return [*lines, f"This cannot be adopted: {changes.objection}"]
    return [*lines, *_relabelled(changes, registry.catalogue), adopt]


def _relabelled(changes: CatalogueChanges, catalogue: Catalogue) -> list[str]:
    found, words = changes.relabelling, catalogue.words
    if found is None:
        return [f"Nobody can be relabelled: there are no {words.units} in the table {catalogue.unit_table!r} yet."]
    by = f"version {changes.production_version}" if changes.production_version else "the registered catalogue"
    n_looked_at = found.units - found.by_vendor
    kept = f"; {found.by_vendor} more keep the vendor's {words.segment}" if found.by_vendor else ""
    looked_at = f"In the latest wave, {found.wave}, {found.relabelled} of {n_looked_at} {words.units}"
    lines = [f"{looked_at} would get another {words.segment} than by {by}{kept}:"]
    for name, row in found.counts.items():
        moves = [f"{n} to {to}" for to, n in row.items() if to != name]
        lines.append(f"• {name}: {', '.join([f'{row.get(name, 0)} stay', *moves])}")
    return lines


def _objection(registry: ModelRegistry) -> str:
    try:
        registry.check_adoptable()
    except RegistryConflictError as error:
        return str(error)
    return ""


def _on_latest_wave(engine: Engine, production: SegmentModel, catalogue: Catalogue) -> Relabelling | None:
    table = UnitTable(catalogue)
    try:
        with transaction(engine) as connection:
            waves = table.waves(connection)
            units = table.load(connection, waves[-1], table.sample(connection, waves[-1])) if waves else None
    except (UnitTableError, WaveError):  # no units yet
        return None
    return None if units is None else Relabelling.of(waves[-1], units, production, catalogue)


def _named(model: SegmentModel) -> Iterator[tuple[int, str]]:
    return zip(model.segment_ids, model.segment_names, strict=True)
