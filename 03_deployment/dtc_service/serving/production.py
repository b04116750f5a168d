"""The models in production for the segmentations that the environment names."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from dtc_data.catalogue import Catalogue, Segmentation, catalogue_files, list_segmentations, path_named
from dtc_data.core import SegmentationSettings, read_settings
from dtc_model.registry import RegistryReader, ServedModel, check_agrees
from dtc_model.settings import MlflowSettings

from dtc_service.serving.labeller import Labeller
from dtc_service.serving.metrics import Metrics
from dtc_service.serving.model_holder import ModelHolder
from dtc_service.serving.saved_model import SavedModel
from dtc_service.serving.served_segmentations import ServedSegmentations
from dtc_service.settings import ServiceSettings


def registry_reader(catalogue: Catalogue) -> RegistryReader:
    """Return a reader of the catalogue's registered model; it connects when it is first used."""
    return RegistryReader(read_settings(MlflowSettings).tracking_uri, catalogue.registered_model)


def serve_segmentations(settings: ServiceSettings, metrics: Metrics) -> ServedSegmentations:
    """Start to follow the catalogues and the models in production, in this process."""
    where = read_settings(SegmentationSettings)
    folder = where.catalogue_folder.absolute()

    def files() -> list[Path]:
        return [path_named(where.segmentation, folder), *catalogue_files(folder)]

    served = ServedSegmentations(partial(list_segmentations, where), RegistryHolders(settings, metrics), files)
    served.start()
    return served


@dataclass(frozen=True)
class RegistryHolders:
    """Makes holders that follow the registry of the environment."""

    settings: ServiceSettings
    metrics: Metrics

    def make(self, segmentation: Segmentation) -> ModelHolder:
        """Return a holder of a segmentation's model, not started yet."""
        catalogue, folder = segmentation.catalogue, self.settings.state_folder
        return ModelHolder(
            registry_reader(catalogue),
            partial(self._prepare, catalogue),
            self.settings.reload_seconds,
            SavedModel(folder, catalogue.registered_model) if folder else None,
            partial(self.metrics.state, segmentation.name),
            segmentation.name,
        )

    def renew(self, holder: ModelHolder, segmentation: Segmentation) -> None:
        """Let a holder read requests by the catalogue as it is now."""
        holder.renew(partial(self._prepare, segmentation.catalogue))

    def forget(self, segmentation: Segmentation) -> None:
        """Take a segmentation that is gone out of the numbers."""
        self.metrics.forget(segmentation.name)

    def _prepare(self, catalogue: Catalogue, served: ServedModel) -> Labeller:
        check_agrees(served, catalogue)
        limits = self.settings
        return Labeller(served, catalogue, limits.max_rows, limits.max_bytes, limits.no_fit_percentile)
