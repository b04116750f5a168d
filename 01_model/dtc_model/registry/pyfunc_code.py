"""The code of every registered model, kept with it so that any MLflow client can load it (MLflow's "models from code").

MLflow executes this file when a model is logged or loaded; nothing else imports it.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from dtc_data.catalogue import answer_matrix
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel, PythonModelContext

from dtc_model.rule import read_model


class SegmentPyfunc(PythonModel):  # type: ignore[misc]  # MLflow carries no types
    """Gives each unit the id of its segment."""

    def load_context(self, context: PythonModelContext) -> None:
        """Read the model that lies beside this code."""
        self.model = read_model(Path(context.artifacts["persona_model"]).read_text(encoding="utf-8"))

    def predict(
        self,
        context: PythonModelContext,  # noqa: ARG002 - MLflow's signature
        model_input: pd.DataFrame,
        params: dict[str, object] | None = None,  # noqa: ARG002 - MLflow's signature
    ) -> npt.NDArray[np.int64]:
        """Return ids of segments, ``(n_units,)``; columns are taken by name, categories as texts."""
        return self.model.label(answer_matrix(model_input, self.model.encoder.features))


set_model(SegmentPyfunc())
