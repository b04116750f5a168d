"""The pages for people, and a prediction service beside them, in threads of a test."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dtc_dashboard.queries import LabellingService, Sources
from dtc_data.core import PostgresSettings, SegmentationSettings
from dtc_data.tables import make_engine
from dtc_model.registry import ServedModel
from dtc_model.rule import SegmentModel
from dtc_model.settings import MlflowSettings
from dtc_service.http.app import create_app as create_service
from dtc_service.serving import ModelHolder
from dtc_service.serving.labeller import Labeller
from dtc_service.settings import ServiceSettings
from fakes.registry import ModelShelf
from fakes.served import serving
from pydantic import SecretStr
from werkzeug.serving import make_server

NOWHERE = "http://127.0.0.1:9"
"""Nobody listens there."""
NO_POSTGRES = PostgresSettings(user="nobody", password=SecretStr("none"), dbname="none", host="127.0.0.1", port=9)


def make_sources(
    catalogue_file: Path,
    *,
    postgres: PostgresSettings = NO_POSTGRES,
    mlflow_uri: str = NOWHERE,
    service_url: str = NOWHERE,
    patience_seconds: float = 60,
) -> Sources:
    """Return sources of one catalogue; whatever is not given is down. Pages wait for new figures, since machines are slow."""
    return Sources(
        catalogues=SegmentationSettings(segmentation=str(catalogue_file), catalogue_folder=catalogue_file.parent),
        engine=make_engine(postgres),
        mlflow=MlflowSettings(tracking_uri=mlflow_uri),
        service=LabellingService(service_url),
        patience_seconds=patience_seconds,
    )


@contextmanager
def listening(application: Any) -> Iterator[str]:
    """Serve a WSGI application on a free port, and give its address."""
    server = make_server("127.0.0.1", 0, application, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(60)


@contextmanager
def labelling(catalogue: Any, name: str) -> Iterator[str]:
    """Run the prediction service with a catalogue's own centroids as version 1, and give its address."""
    shelf = ModelShelf({"1": SegmentModel.from_catalogue(catalogue)})
    shelf.production = "1"
    settings = ServiceSettings()

    def prepare(served: ServedModel) -> Labeller:
        return Labeller(served, catalogue, settings.max_rows, settings.max_bytes)

    holder = ModelHolder(shelf, prepare, settings.reload_seconds)
    holder.start()
    try:
        with listening(create_service(settings, serving(catalogue, holder, name))) as url:
            yield url
    finally:
        holder.stop()
