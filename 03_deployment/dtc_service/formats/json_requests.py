"""Units out of a JSON request.

A request is an array of units, all of one form: objects by feature name, objects with the keys "0", "1", … (what a
data frame without column names becomes), or arrays in the order of the features.
"""

import re
from codecs import BOM_UTF8
from collections.abc import Sequence
from functools import lru_cache

import msgspec
import numpy as np

from dtc_service.errors import InvalidRequestError
from dtc_service.formats import json_problems
from dtc_service.formats.number_arrays import WORTHWHILE_BYTES, read_number_arrays
from dtc_service.formats.request_rows import Units, Wanted
from dtc_service.formats.row_schemas import Form

_OPENING = re.compile(rb"\s*\[\s*(?P<first>[\[{])")
_POSITIONAL = re.compile(rb'"0"\s*:')

KEPT_FORMS = 16
"""Sets of id columns for which the forms are kept ready; clients ask for the same ones again and again."""


class JsonRequests:
    """Reads JSON requests for the features of a catalogue.

    Parameters
    ----------
    wanted : Wanted
        The order of its features is that of arrays and of positional keys. No name starts with a digit or holds a colon.
    """

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._features = wanted.catalogue.features
        self._limits = wanted.catalogue.limits
        self._whole = np.flatnonzero([feature.is_whole for feature in self._features])
        self._arrays = Form.of_arrays(self._features, missing_allowed=wanted.missing_allowed)
        self._objects = lru_cache(KEPT_FORMS)(self._make_objects)
        self._named, self._positional = self._objects(())

    def read(self, body: bytes, ids: Sequence[str] = ()) -> Units:
        """Return the units in a request; an empty array holds none.

        Raises
        ------
        InvalidRequestError
            If the body is not JSON, a row is not of the form of the first, or an answer is none that its
            feature allows; with row and field where there is one.
        TooLargeError
            If there are too many units.
        """
        body = body.removeprefix(BOM_UTF8)  # which some programs write, and parsers may skip (RFC 8259, section 8.1)
        form = self._form_of(body, tuple(ids))
        self._check_size(form, body)
        if form is self._arrays and form.are_plain and len(body) >= WORTHWHILE_BYTES:
            answers = read_number_arrays(body, self._limits, self._whole)
            if answers is not None:
                self._wanted.check_rows(len(answers))
                return Units(answers)
        try:
            rows = form.decoder.decode(body)
        except msgspec.ValidationError as error:
            raise json_problems.wrong_row(form, error, self._wanted.catalogue.words) from error
        except msgspec.DecodeError as error:
            raise json_problems.broken_json(form, body, error, self._wanted.catalogue.words) from error
        except UnicodeDecodeError as error:
            raise json_problems.broken_text(error) from error
        self._wanted.check_rows(len(rows))
        if not form.keys_are_counted(body, len(rows)):
            json_problems.refuse_repeated_key(body)
        return form.units(rows)

    def _make_objects(self, ids: tuple[str, ...]) -> tuple[Form, Form]:
        names = [feature.name for feature in self._features]
        numbers = [str(position) for position in range(len(names))]
        allowed = self._wanted.missing_allowed
        return (
            Form.of_objects(names, self._features, missing_allowed=allowed, ids=ids),
            Form.of_objects(numbers, self._features, missing_allowed=allowed, ids=ids),
        )

    def _form_of(self, body: bytes, ids: tuple[str, ...]) -> Form:
        """Tell by the first row which form is meant; a body without a mark is read, or refused, as named."""
        opening = _OPENING.match(body)
        first = opening["first"] if opening else b""
        if first == b"[":
            if ids:
                raise InvalidRequestError(f"arrays have no key {ids[0]!r}: send objects to get ids back", field=ids[0])
            return self._arrays
        named, positional = self._objects(ids) if ids else (self._named, self._positional)
        end = body.find(b"}") if opening else 0
        return positional if _POSITIONAL.search(body, 0, end if end >= 0 else len(body)) else named

    def _check_size(self, form: Form, body: bytes) -> None:
        """Refuse too many rows before they are parsed: millions of tiny ones would fill the memory.

        What is counted are opening brackets. A body that is right has one for each row; others are refused in any case.
        Only where texts may hold brackets of their own can nothing be told before.
        """
        if form.may_hold_brackets or len(body) <= self._wanted.max_rows:
            return  # each row takes more than one byte
        self._wanted.check_rows(body.count(form.opening) - (form is self._arrays))
