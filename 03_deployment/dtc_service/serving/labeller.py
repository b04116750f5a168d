"""One version of the model with what it takes to answer requests."""

import time
from collections.abc import Sequence
from datetime import datetime

import numpy as np
from dtc_data.catalogue import Catalogue
from dtc_data.core import TransactionsError
from dtc_model.registry import ServedModel
from dtc_model.rule import NO_FIT_PERCENTILE, describe

from dtc_service.errors import InvalidRequestError
from dtc_service.formats import JsonRequests, Labels, Names, Units, Wanted, columns_of, read_lines, reader_of


class Labeller:
    """Reads requests for one served model and labels the respondents in them.

    It is made once per version and never changes, so a request that holds it gets its whole answer from one version.

    Parameters
    ----------
    served : ServedModel
    catalogue : Catalogue
        Its features are the model's.
    max_rows, max_bytes : int
        Most respondents in one request, and most bytes of an unpacked body.
    no_fit_percentile : float
        Beyond which percentile of the reference respondents' distances somebody does not fit.
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
        """What the column with the segments is called in an answer."""
        self._wanted = Wanted(catalogue, max_rows)
        self._max_bytes = max_bytes
        self._no_fit_percentile = no_fit_percentile
        self._json = JsonRequests(self._wanted)
        self._names = Names.of(served.model, catalogue.segment_column)

    def check_ids(self, ids: Sequence[str]) -> None:
        """Refuse id columns that are answers.

        Raises
        ------
        InvalidRequestError
            If an id column is called like a feature.
        """
        for name in ids:
            if name in self.model.feature_names:
                raise InvalidRequestError(f"{name!r} is a feature, not an id column", field="id")

    def read(self, body: bytes, media_type: str, ids: Sequence[str] = ()) -> Units:
        """Return the respondents in a request.

        Raises
        ------
        UnsupportedMediaTypeError
            If no reader knows the media type.
        InvalidRequestError, TooLargeError
            As the reader of the media type says.
        """
        return reader_of(media_type, self._wanted, self._json, self._max_bytes)(body, ids)

    def read_lines(self, body: bytes, media_type: str, as_of: datetime) -> Units:
        """Return the customers whose lines of transactions are in a request, as they were as of a moment.

        The features are those that waves have: lines count that were ordered in the catalogue's lookback and had arrived
        before the moment. Customers without a purchase that lasted are left out.

        Raises
        ------
        UnsupportedMediaTypeError
            If nothing reads the media type.
        InvalidRequestError, TooLargeError
            If the segmentation is not of customers, a line is wrong, or there are too many customers.
        """
        rule = self._wanted.catalogue.transactions
        if rule is None:
            raise InvalidRequestError(
                f"{self._wanted.catalogue.words.units} of this segmentation are not labelled by transactions: send their features",
                field="from",
            )
        from dtc_model.recipes import lines_to_customers  # noqa: PLC0415 - DuckDB, which others never need

        lines = read_lines(body, media_type)
        try:
            customers = lines_to_customers(columns_of(lines), as_of, rule.lookback_days)
        except TransactionsError as error:
            raise InvalidRequestError(str(error)) from error
        self._wanted.check_rows(len(customers["customer_id"]))
        columns = [np.array(customers[name], dtype=np.float64) for name in self.model.feature_names]
        return Units(np.column_stack(columns), {"customer_id": customers["customer_id"]})

    def label(self, units: Units, *, full: bool = False) -> Labels:
        """Label respondents, in full with all that is known about each label.

        Raises
        ------
        AnswersError
            If an answer is too large to be labelled.
        """
        answers, fewest = units.answers, self._wanted.minimum_answered
        if not full:
            return Labels(self.model.nearest(answers, fewest), self._names, self.version, ids=units.ids)
        detail = describe(self.model, answers, fewest, self._no_fit_percentile)
        return Labels(detail.positions, self._names, self.version, detail, units.ids)
