"""Where the pages' figures come from: the catalogues, Postgres, the registry and the prediction service."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self, TypeVar

from dtc_data.catalogue import ListedSegmentations, Segmentation, catalogue_files, list_segmentations, path_named
from dtc_data.core import PostgresSettings, SegmentationSettings, UnknownSegmentationError, read_settings
from dtc_data.tables import change_stamp, make_engine, transaction
from dtc_model.decisions import Decisions
from dtc_model.registry import ModelRegistry, RegistryReader, ServedModel, check_agrees
from dtc_model.settings import MlflowSettings
from dtc_service.settings import ServiceSettings
from sqlalchemy import Engine

from dtc_dashboard.queries.labelling_service import LabellingService
from dtc_dashboard.queries.prepared_figures import PreparedFigures

Prepared = TypeVar("Prepared")

FORECASTS: Final = "customer_forecasts"
"""The table of forecasts, whose changes make prepared lists old."""
SHEETS: Final = "incoming_sheets"
"""The table of what was worked out of stores, likewise."""
PATIENCE_SECONDS: Final = 0.3
"""How long a page waits for newer figures before it shows the last ones; those of some ten thousand units take less."""


@dataclass
class Sources:
    """The way to everything that pages ask; nothing is connected before the first question."""

    catalogues: SegmentationSettings
    engine: Engine
    mlflow: MlflowSettings
    service: LabellingService
    patience_seconds: float = PATIENCE_SECONDS
    _listed: tuple[object, ListedSegmentations] | None = field(default=None, init=False)
    _figures: PreparedFigures = field(init=False)

    def __post_init__(self) -> None:
        """Keep no figures yet."""
        self._figures = PreparedFigures(self.patience_seconds)

    @classmethod
    def from_settings(cls) -> Self:
        """Make the sources that the environment describes."""
        service = read_settings(ServiceSettings)
        return cls(
            catalogues=read_settings(SegmentationSettings),
            engine=make_engine(read_settings(PostgresSettings)),
            mlflow=read_settings(MlflowSettings),
            service=LabellingService(service.service_url, service.api_key),
        )

    def segmentations(self) -> ListedSegmentations:
        """Return all segmentations, the default one first; read again once a file has changed."""
        folder = self.catalogues.catalogue_folder.absolute()
        files = {path_named(self.catalogues.segmentation, folder), *catalogue_files(folder)}
        stamp = tuple(sorted((str(path), *_stamp(path)) for path in files))
        if self._listed is None or self._listed[0] != stamp:
            self._listed = (stamp, list_segmentations(self.catalogues))
        return self._listed[1]

    def ordered(self) -> list[Segmentation]:
        """Return those that can be used, the default one first."""
        listed = self.segmentations()
        return sorted(listed.found.values(), key=lambda one: (one.name != listed.default, one.name))

    def segmentation(self, name: str) -> Segmentation:
        """Return the segmentation of a name.

        Raises
        ------
        UnknownSegmentationError
            If there is none, or its catalogue cannot be used.
        """
        listed = self.segmentations()
        if name in listed.found:
            return listed.found[name]
        why = listed.problems.get(name) or f"there is no segmentation {name!r}: there are {', '.join(listed.found)}"
        raise UnknownSegmentationError(why)

    def decisions(self, segmentation: Segmentation) -> Decisions:
        """Return the decisions on a segmentation's model, the same that commands and bot make."""
        return Decisions(ModelRegistry.of(self.mlflow.tracking_uri, segmentation), self.engine)

    def in_production(self, segmentation: Segmentation) -> ServedModel:
        """Return the model that labels the units of a segmentation.

        Raises
        ------
        ModelUnavailableError, ModelBrokenError
            If the registry cannot be reached, no version is in production, or it is not the catalogue's.
        """
        catalogue = segmentation.catalogue
        with RegistryReader(self.mlflow.tracking_uri, catalogue.registered_model) as reader:
            served = reader.fetch(reader.production_version())
        check_agrees(served, catalogue)
        return served

    def prepared(self, segmentation: Segmentation, key: tuple[str, ...], make: Callable[[], Prepared]) -> Prepared:
        """Return what was prepared from a unit table, as `kept`; it is made anew for another catalogue, too."""
        catalogue = segmentation.catalogue
        return self.kept(catalogue.unit_table, (segmentation.name, *key), make, of=catalogue)

    def kept(self, table_name: str, key: tuple[str, ...], make: Callable[[], Prepared], of: object = None) -> Prepared:
        """Return what was prepared from a table, prepared again once the table has changed, see `PreparedFigures`.

        Pages must not wait for a scan of a million rows. Postgres counts the changes of each table, and is asked for that
        count each time: so an outage shows, too.

        Raises
        ------
        FiguresPendingError
            If it takes longer than a page waits, and there is nothing of before.
        DtcError
            As ``make`` does, and `DatabaseUnavailableError` if Postgres cannot be reached.
        """
        with transaction(self.engine) as connection:
            stamp = change_stamp(connection, table_name)
        found: Prepared = self._figures.get((table_name, *key), stamp, make, of)
        return found

    def stamps(self) -> tuple[object, ...]:
        """Return what differs once anything changed from which figures are prepared.

        Raises
        ------
        DatabaseUnavailableError
            If Postgres cannot be reached.
        """
        catalogues = [one.catalogue for one in self.ordered()]
        names = dict.fromkeys([*(one.unit_table for one in catalogues), FORECASTS, SHEETS])
        with transaction(self.engine) as connection:
            return (tuple(catalogues), *(change_stamp(connection, name) for name in names))


def _stamp(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return (0, 0)
    return status.st_mtime_ns, status.st_size
