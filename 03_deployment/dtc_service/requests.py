"""Respondents out of a JSON request.

A request is an array of respondents, all of one form: objects by feature name, objects with the keys "0", "1", … (what a
data frame without column names becomes), or arrays in the order of the features.
"""

import re
from collections.abc import Sequence
from itertools import chain

import msgspec
import numpy as np
import numpy.typing as npt
from dtc_data.catalogue import Feature

from dtc_service import findings
from dtc_service.errors import TooLargeError
from dtc_service.forms import Form

FloatArray = npt.NDArray[np.float64]

_FIRST_ROW = re.compile(rb'\s*\[\s*(?:(?P<array>\[)|\{\s*"[0-9])')


class JsonRequests:
    """Reads JSON requests for the features of a catalogue.

    Parameters
    ----------
    features : sequence of Feature
        Their order is that of arrays and of positional keys. No name starts with a digit or holds a colon.
    max_rows : int
        Most respondents in one request.
    """

    def __init__(self, features: Sequence[Feature], max_rows: int) -> None:
        self._named = Form.of_objects([feature.name for feature in features], features)
        self._positional = Form.of_objects([str(position) for position in range(len(features))], features)
        self._arrays = Form.of_arrays(features)
        self._max_rows = max_rows

    def read(self, body: bytes) -> FloatArray:
        """Give the answers in a request, ``(n_respondents, n_features)``; an empty array gives no rows.

        Raises
        ------
        InvalidRequestError
            If the body is no JSON, a row is not of the form of the first, or an answer is not a number within the limits
            of its feature; with row and field where there is one.
        TooLargeError
            If there are too many respondents.
        """
        form = self._form_of(body)
        self._check_size(form, body)
        try:
            rows = form.decoder.decode(body)
        except msgspec.ValidationError as error:
            raise findings.wrong_row(form, error) from error
        except msgspec.DecodeError as error:
            raise findings.broken_json(form, body, error) from error
        except UnicodeDecodeError as error:
            raise findings.broken_text(error) from error
        # What was decoded holds nothing but known keys and numbers, so each colon in the body stands behind a key.
        # NumPy counts them ten times as fast as bytes.count, which stops at each one.
        colons = np.count_nonzero(np.frombuffer(body, dtype=np.uint8) == ord(":"))
        if colons != len(rows) * form.keys_per_row:
            raise findings.repeated_key(body)
        shape = (len(rows), len(form.fields))
        answers = chain.from_iterable(form.answers(rows))
        return np.fromiter(answers, dtype=np.float64, count=shape[0] * shape[1]).reshape(shape)

    def _form_of(self, body: bytes) -> Form:
        """Tell by the first row which form is meant; a body with neither mark is read, or refused, as named."""
        first_row = _FIRST_ROW.match(body)
        if first_row is None:
            return self._named
        return self._arrays if first_row["array"] else self._positional

    def _check_size(self, form: Form, body: bytes) -> None:
        """Refuse too many rows before they are parsed: millions of tiny ones would fill the memory.

        What is counted are opening brackets. A body that is right has one for each row; others are refused in any case.
        """
        if len(body) <= self._max_rows:
            return  # each row takes more than one byte
        rows = body.count(form.opening) - (form is self._arrays)
        if rows > self._max_rows:
            raise TooLargeError(f"a request may hold {self._max_rows} respondents (SERVICE_MAX_ROWS): send it in parts")
