"""One version of the model with what it takes to answer requests."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from dtc_data.catalogue import Feature
from dtc_model.registry_reader import ServedModel

from dtc_service.errors import UnsupportedMediaTypeError
from dtc_service.requests import JsonRequests

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Labels:
    """The personas of some respondents, in their order."""

    labels: list[int]
    """Persona ids of the catalogue."""
    personas: list[str]
    model_version: str


class Labeller:
    """Reads requests for one served model and labels the respondents in them.

    It is made once per version and never changes, so a request that holds it gets its whole answer from one version.

    Parameters
    ----------
    served : ServedModel
    features : sequence of Feature
        The model's features as the catalogue describes them.
    max_rows : int
        Most respondents in one request.
    """

    def __init__(self, served: ServedModel, features: Sequence[Feature], max_rows: int) -> None:
        self.version = served.version
        self.model = served.model
        self._ids = np.array(served.model.persona_ids)
        self._names = np.array(served.model.persona_names, dtype=object)
        self._readers: Mapping[str, Callable[[bytes], FloatArray]] = {
            "application/json": JsonRequests(features, max_rows).read,
        }

    def read(self, body: bytes, media_type: str) -> FloatArray:
        """Give the answers in a request, ``(n_respondents, n_features)``, in the order of the model.

        Raises
        ------
        UnsupportedMediaTypeError
            If no reader knows the media type.
        InvalidRequestError, TooLargeError
            As the reader of the media type says.
        """
        reader = self._readers.get(media_type)
        if reader is None:
            known = ", ".join(self._readers)
            raise UnsupportedMediaTypeError(f"a body of type {media_type!r} is not read here: send {known}")
        return reader(body)

    def label(self, answers: FloatArray) -> Labels:
        """Label respondents.

        Raises
        ------
        AnswersError
            If an answer is too large to be labelled.
        """
        positions = self.model.nearest(answers)
        return Labels(self._ids[positions].tolist(), self._names[positions].tolist(), self.version)
