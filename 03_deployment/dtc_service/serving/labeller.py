"""One version of the model, and how requests to it are read."""

import time

from dtc_data.catalogue import Catalogue
from dtc_model.registry import ServedModel
from dtc_model.rule import NO_FIT_PERCENTILE, describe

from dtc_service.formats import Labels, Names, RequestReader, Units


class Labeller:
    """Labels units by one served model.

    It is made once per version and never changes, so a request that holds it gets its whole response from one version.

    Parameters
    ----------
    served : ServedModel
    catalogue : Catalogue
        Its features are the model's.
    max_rows, max_bytes : int
        Most units in one request, and most bytes of an unpacked body.
    no_fit_percentile : float
        Beyond which percentile of the reference wave's distances a unit does not fit.
    """

    def __init__(
        self,
        served: ServedModel,
        catalogue: Catalogue,
        max_rows: int,
        max_bytes: int,
        no_fit_percentile: float = NO_FIT_PERCENTILE,
    ) -> None:
        self.version = served.version
        self.model = served.model
        self.loaded_at = time.time()
        """When this process began to serve it, in seconds since 1970."""
        self.segment_column = catalogue.segment_column
        """What the column with the segments is called in a response."""
        self.requests = RequestReader(catalogue, max_rows, max_bytes)
        """Parses requests; the answers in them are this version's features."""
        self._fewest_answered = catalogue.missing_answers.minimum_answered
        self._no_fit_percentile = no_fit_percentile
        self._names = Names.of(served.model, catalogue.segment_column)

    def label(self, units: Units, *, full: bool = False) -> Labels:
        """Label units, in full with all that is known about each label.

        Raises
        ------
        AnswersError
            If an answer is too large to be labelled.
        """
        answers, fewest = units.answers, self._fewest_answered
        if not full:
            return Labels(self.model.nearest(answers, fewest), self._names, self.version, ids=units.ids)
        detail = describe(self.model, answers, fewest, self._no_fit_percentile)
        return Labels(detail.positions, self._names, self.version, detail, units.ids)
