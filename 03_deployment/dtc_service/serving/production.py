"""The model in production for the catalogue that the environment names."""

from dtc_data.catalogue import Catalogue
from dtc_data.core import read_settings
from dtc_model.registry import RegistryReader, ServedModel, check_fits
from dtc_model.settings import MlflowSettings

from dtc_service.serving.labeller import Labeller
from dtc_service.serving.metrics import Metrics
from dtc_service.serving.model_holder import ModelHolder
from dtc_service.serving.saved_model import SavedModel
from dtc_service.settings import ServiceSettings


def registry_reader(catalogue: Catalogue) -> RegistryReader:
    """Return a reader of the catalogue's registered model; it connects when it is first used."""
    return RegistryReader(read_settings(MlflowSettings).tracking_uri, catalogue.registered_model)


def hold_production_model(settings: ServiceSettings, catalogue: Catalogue, metrics: Metrics) -> ModelHolder:
    """Start to follow the model in production, in this process."""

    def prepare(served: ServedModel) -> Labeller:
        check_fits(served, catalogue)
        return Labeller(served, catalogue, settings.max_rows, settings.max_bytes, settings.no_fit_percentile)

    folder = settings.state_folder
    saved = SavedModel(folder, catalogue.registered_model) if folder else None
    holder = ModelHolder(registry_reader(catalogue), prepare, settings.reload_seconds, saved, metrics.state)
    holder.start()
    return holder
