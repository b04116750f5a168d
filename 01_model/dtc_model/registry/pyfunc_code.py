"""The code of every registered model, kept with it so that any MLflow client can load it (MLflow's "models from code").

MLflow executes this file when a model is logged or loaded; nothing else imports it.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel, PythonModelContext

from dtc_model.rule import SegmentModel


class SegmentPyfunc(PythonModel):  # type: ignore[misc]  # MLflow carries no types
    """Gives each respondent the id of the nearest persona."""

    def load_context(self, context: PythonModelContext) -> None:
        """Read the persona model that lies beside this code."""
        self.model = SegmentModel.from_json(Path(context.artifacts["persona_model"]).read_text(encoding="utf-8"))

    def predict(
        self,
        context: PythonModelContext,  # noqa: ARG002 - MLflow's signature
        model_input: pd.DataFrame,
        params: dict[str, object] | None = None,  # noqa: ARG002 - MLflow's signature
    ) -> npt.NDArray[np.int64]:
        """Give persona ids, ``(n_units,)``; columns are taken by name."""
        return self.model.label(model_input[list(self.model.feature_names)].to_numpy(dtype=np.float64))


set_model(SegmentPyfunc())
