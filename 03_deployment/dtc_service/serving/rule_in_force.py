"""The rule that labels now: the version in production, else the catalogue itself, for work that needs no stack."""

from dataclasses import dataclass

from dtc_data.catalogue import Catalogue
from dtc_data.core import SettingsError
from dtc_model.errors import ModelUnavailableError
from dtc_model.rule import SegmentModel

from dtc_service.serving.production import registry_reader


@dataclass(frozen=True)
class Rule:
    """A rule, and whose it is."""

    model: SegmentModel
    version: str | None = None
    """Version of the registered model; None for the catalogue's own centroids."""
    why_catalogue: str = ""
    """Why it is the catalogue's, if it is."""


def find_rule(catalogue: Catalogue) -> Rule:
    """Return the version in production; the catalogue's centroids where none is, or no registry can be reached or is set.

    Raises
    ------
    ModelBrokenError
        If the version in production cannot be read.
    """
    try:
        with registry_reader(catalogue) as reader:
            served = reader.fetch(reader.production_version())
    except (ModelUnavailableError, SettingsError) as error:
        return Rule(SegmentModel.from_catalogue(catalogue), why_catalogue=str(error))
    return Rule(served.model, served.version)
