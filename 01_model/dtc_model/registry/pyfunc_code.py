"""The code of every registered model, kept with it so that any MLflow client can load it (MLflow's "models from code").

MLflow executes this file when a model is logged or loaded; nothing else imports it. It imports of ours only what later
versions of the packages will have too: a process that has imported them already uses those, and not the ones kept here.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from dtc_data.catalogue import answer_matrix
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel, PythonModelContext

from dtc_model.errors import AnswersError
from dtc_model.rule import read_model

_NAMED: Final = 10
"""Most columns that a message names; a survey can have hundreds."""


class SegmentPyfunc(PythonModel):  # type: ignore[misc]  # MLflow carries no types
    """Gives each unit the id of its segment."""

    def load_context(self, context: PythonModelContext) -> None:
        """Read the model that lies beside this code."""
        self.model = read_model(Path(context.artifacts["persona_model"]).read_text(encoding="utf-8"))

    def predict(
        self,
        context: PythonModelContext,  # noqa: ARG002 - MLflow's signature
        model_input: pd.DataFrame,  # MLflow makes a schema of most other annotations, and would refuse all else by it
        params: dict[str, object] | None = None,  # noqa: ARG002 - MLflow's signature
    ) -> npt.NDArray[np.int64]:
        """Return the ids of the segments, ``(n_units,)``.

        Parameters
        ----------
        model_input : DataFrame, dict, list or array
            A frame, or anything of which pandas makes one: columns by feature name, a list of units, one
            unit. Categories are texts. Other columns are ignored. Without names the columns are in the order of the features.

        Raises
        ------
        AnswersError
            If a feature is missing, no number, or no value of its feature; the message names it.
        """
        features = self.model.encoder.features
        names = [feature.name for feature in features]
        frame = _select(_as_frame(model_input, names), names)
        numbers = {
            feature.name: _numbers(feature.name, frame[feature.name]) for feature in features if not feature.in_words
        }
        return self.model.label(answer_matrix(frame.assign(**numbers), features))


def _as_frame(given: Any, features: Sequence[str]) -> pd.DataFrame:
    if isinstance(given, pd.DataFrame):
        return given
    if isinstance(given, list) and not given:
        return pd.DataFrame(columns=list(features), dtype=np.float64)
    if isinstance(given, pd.Series):
        given = given.to_dict()
    if isinstance(given, Mapping) and all(np.ndim(value) == 0 for value in given.values()):
        given = [given]
    if isinstance(given, list) and all(isinstance(row, Mapping) for row in given):
        # MLflow's scoring server makes an array without dimensions of each number.
        given = [{name: np.asarray(value)[()] for name, value in row.items()} for row in given]
    try:
        return pd.DataFrame(given)
    except (ValueError, TypeError) as error:
        raise AnswersError(f"the model cannot read this {type(given).__name__} as a table: {error}") from error


def _select(frame: pd.DataFrame, features: Sequence[str]) -> pd.DataFrame:
    """Return the columns of the features, in their order."""
    by_position = dict(zip(map(str, range(len(features))), features, strict=True))
    names = [str(name) for name in frame.columns]
    if set(names) == by_position.keys():
        names = [by_position[name] for name in names]
    if missing := [name for name in features if name not in names]:
        raise AnswersError(
            f"there is no answer for {_listing(missing)}: send columns with the names of the features, or without names "
            f"{len(features)} columns in the order {_listing(features)}. What came has {len(names)}: {_listing(names)}"
        )
    if twice := [name for name in features if names.count(name) > 1]:
        raise AnswersError(f"the same feature came twice: {_listing(twice)}")
    return frame.set_axis(names, axis="columns")[list(features)]


def _numbers(feature: str, column: pd.Series) -> npt.NDArray[np.float64]:
    """Return answers as doubles, NaN where one is missing; text is not taken for a number."""
    if column.dtype == object and not column.map(lambda answer: isinstance(answer, str | bytes)).any():
        with suppress(ValueError, TypeError):
            column = pd.to_numeric(column)
    if column.dtype.kind not in "biuf":
        raise AnswersError(f"feature {feature!r}: answers are of type {column.dtype}, but must be numbers")
    return column.to_numpy(dtype=np.float64, na_value=np.nan)


def _listing(names: Sequence[str]) -> str:
    some = ", ".join(names[:_NAMED])
    return f"{some}, … ({len(names)} in all)" if len(names) > _NAMED else some


set_model(SegmentPyfunc())
