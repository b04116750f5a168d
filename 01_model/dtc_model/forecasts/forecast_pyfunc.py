"""The code of every registered forecast, kept with it so that any MLflow client can load it (MLflow's "models from code").

MLflow executes this file when a forecast is logged or loaded; nothing else imports it.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel, PythonModelContext

from dtc_model.prediction import ForecastModel


class ForecastPyfunc(PythonModel):  # type: ignore[misc]  # MLflow carries no types
    """Gives each customer the probability of leaving."""

    def load_context(self, context: PythonModelContext) -> None:
        """Read the forecast that lies beside this code."""
        self.model = ForecastModel.from_json(Path(context.artifacts["forecast"]).read_text(encoding="utf-8"))

    def predict(
        self,
        context: PythonModelContext,  # noqa: ARG002 - MLflow's signature
        model_input: pd.DataFrame,
        params: dict[str, object] | None = None,  # noqa: ARG002 - MLflow's signature
    ) -> npt.NDArray[np.float64]:
        """Return the probabilities, ``(n_customers,)``.

        Parameters
        ----------
        model_input : DataFrame
            A column per feature, NaN where one is missing; other columns are ignored.

        Raises
        ------
        ForecastError
            If a feature is missing.
        """
        return self.model.predict_frame(pd.DataFrame(model_input))


set_model(ForecastPyfunc())
