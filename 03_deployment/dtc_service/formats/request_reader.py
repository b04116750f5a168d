"""Reads requests about one segmentation, whatever form they have."""

from collections.abc import Sequence

from dtc_data.catalogue import Catalogue

from dtc_service.errors import InvalidRequestError
from dtc_service.formats.json_requests import JsonRequests
from dtc_service.formats.media_types import reader_of
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

    def check_ids(self, ids: Sequence[str]) -> None:
        """Refuse id columns that are answers.

        Raises
        ------
        InvalidRequestError
            If an id column is called like a feature.
        """
        for name in ids:
            if name in self._wanted.catalogue.feature_names:
                raise InvalidRequestError(f"{name!r} is a feature, not an id column", field="id")

    def read(self, body: bytes, media_type: str, ids: Sequence[str] = ()) -> Units:
        """Return the units in a request.

        Raises
        ------
        UnsupportedMediaTypeError
            If no reader knows the media type.
        InvalidRequestError, TooLargeError
            As the reader of the media type says.
        """
        return reader_of(media_type, self._wanted, self._json, self._max_bytes)(body, ids)
