"""Reads requests about one segmentation, whatever form they have."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from dtc_data.catalogue import Catalogue
from dtc_data.core import TransactionsError

from dtc_service.errors import InvalidRequestError, UnsupportedMediaTypeError
from dtc_service.formats.json_requests import JsonRequests
from dtc_service.formats.line_requests import columns_of, read_lines, require_duckdb
from dtc_service.formats.media_names import ARROW, CSV, JSON, MEDIA_TYPES, PARQUET
from dtc_service.formats.request_rows import Units, Wanted


class RequestReader:
    """Parses what is sent; what the answers are labelled by is no concern of it.

    Parameters
    ----------
    catalogue : Catalogue
        Its features say which answers a unit has.
    max_rows, max_bytes : int
        Most units in one request, and most bytes of an unpacked body.
    """

    def __init__(self, catalogue: Catalogue, max_rows: int, max_bytes: int) -> None:
        self._wanted = Wanted(catalogue, max_rows)
        self._json = JsonRequests(self._wanted)
        self._max_bytes = max_bytes

    def read(self, body: bytes, media_type: str, ids: Sequence[str] = ()) -> Units:
        """Return the units in a request.

        Raises
        ------
        UnsupportedMediaTypeError
            If nothing reads the media type.
        InvalidRequestError, TooLargeError
            If an id column is called like a feature, or as the reader of the media type says.
        """
        for name in ids:
            if name in self._wanted.catalogue.feature_names:
                raise InvalidRequestError(f"{name!r} is a feature, not an id column", field="id")
        if media_type == JSON:
            return self._json.read(body, ids)
        if media_type == CSV:
            from dtc_service.formats.csv_requests import read_csv  # noqa: PLC0415 - most processes only ever see JSON

            return read_csv(body, self._wanted, ids)
        if media_type not in {PARQUET, ARROW}:
            raise UnsupportedMediaTypeError(
                f"a body of type {media_type[:80]!r} is not read here: send {', '.join(MEDIA_TYPES)}"
            )
        from dtc_service.formats import arrow_requests  # noqa: PLC0415 - PyArrow is large

        if media_type == ARROW:
            return arrow_requests.read_arrow(body, self._wanted, ids)
        return arrow_requests.read_parquet(body, self._wanted, ids, self._max_bytes)

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
        NotBuiltInError
            If the service was installed without what reads transactions.
        """
        catalogue = self._wanted.catalogue
        if catalogue.transactions is None:
            words = (
                f"{catalogue.words.units} of this segmentation are not labelled by transactions: send their features"
            )
            raise InvalidRequestError(words, field="from")
        require_duckdb()
        from dtc_model.recipes import lines_to_customers  # noqa: PLC0415 - DuckDB, which others never need

        lines = read_lines(body, media_type)
        try:
            customers = lines_to_customers(columns_of(lines), as_of, catalogue.transactions.lookback_days)
        except TransactionsError as error:
            raise InvalidRequestError(str(error)) from error
        self._wanted.check_rows(len(customers["customer_id"]))
        columns = [np.array(customers[name], dtype=np.float64) for name in catalogue.feature_names]
        return Units(np.column_stack(columns), {"customer_id": customers["customer_id"]})
