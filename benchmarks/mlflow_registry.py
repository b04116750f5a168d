"""A real MLflow server as the registry of a load, with the controls of the stand-in that the short tests use."""

import os
import sys
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from dtc_data.catalogue import Catalogue
from dtc_model.registry import PRODUCTION_ALIAS, log_segment_model
from dtc_model.rule import SegmentModel
from mlflow import MlflowClient
from service_process import free_port, running


class MlflowRegistry:
    """One registered model on an MLflow server of its own; ``stop`` and ``start`` take the server down and up again.

    Parameters
    ----------
    catalogue : Catalogue
        Names the registered model.
    folder : Path
        Where the server keeps its database and artifacts.
    """

    def __init__(self, catalogue: Catalogue, folder: Path) -> None:
        self._name = catalogue.registered_model
        self._folder = folder
        self._port = free_port()
        self._production: str | None = None
        self._server = ExitStack()

    @property
    def url(self) -> str:
        """Address of the server."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def production(self) -> str | None:
        """The version in production; setting it promotes."""
        return self._production

    @production.setter
    def production(self, version: str | None) -> None:
        if version is None:
            raise ValueError("name a version")
        MlflowClient(self.url).set_registered_model_alias(self._name, PRODUCTION_ALIAS, version)
        self._production = version

    def add(self, model: SegmentModel) -> str:
        """Register a model and give its version."""
        client = MlflowClient(self.url)
        model_id = log_segment_model(client, "0", model)
        return str(
            client.create_model_version(
                self._name, f"models:/{model_id}", model_id=model_id, await_creation_for=0
            ).version
        )

    def start(self) -> None:
        """Start the server."""
        command = [
            str(Path(sys.executable).parent / "mlflow"),
            "server",
            "--host",
            "127.0.0.1",
            "--port",
            str(self._port),
        ]
        command += ["--workers", "1", "--backend-store-uri", f"sqlite:///{self._folder / 'mlflow.db'}"]
        command += ["--artifacts-destination", str(self._folder / "artifacts")]
        quiet = os.environ | {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
        self._server.enter_context(running(command, f"{self.url}/health", self._folder / "mlflow.log", quiet))

    def stop(self) -> None:
        """End the server."""
        self._server.close()

    def __enter__(self) -> Self:
        self.start()
        MlflowClient(self.url).create_registered_model(self._name)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()
