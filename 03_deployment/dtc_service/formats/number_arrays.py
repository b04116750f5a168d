"""Arrays of numbers out of a JSON request, without a Python object for each number.

Most requests of many respondents are arrays of valid numbers. simdjson parses them four times as fast as a parser that makes
objects. Whatever else a body may be is left to the general reader, which knows the rules and words the refusals.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
import simdjson

FloatArray = npt.NDArray[np.float64]

WORTHWHILE_BYTES: Final = 2_000
"""Shorter bodies are read as fast by the general reader."""


def read_number_arrays(body: bytes, limits: FloatArray) -> FloatArray | None:
    """Return the answers if the body is an array of arrays with one valid number per feature; None if it may be anything else.

    Parameters
    ----------
    body : bytes
    limits : ndarray of shape (2, n_features)
        Smallest and largest valid answer of each feature.

    Returns
    -------
    ndarray of shape (n_units, n_features), or None
    """
    low, high = limits
    try:
        document = simdjson.Parser().parse(body)
        numbers = np.frombuffer(document.as_buffer(of_type="d"))  # type: ignore[union-attr]  # else AttributeError
        widths = set(map(len, document))  # type: ignore[arg-type]
    except (AttributeError, TypeError, ValueError, RuntimeError):
        return None
    n_rows = len(document)  # type: ignore[arg-type]
    # The buffer is flat, whatever the nesting. All that it took were numbers and arrays, so each bracket opens an array:
    # with one for the whole and one for each row, no row holds another.
    brackets = np.count_nonzero(np.frombuffer(body, dtype=np.uint8) == ord("["))
    if widths != {len(low)} or brackets != n_rows + 1:
        return None
    answers: FloatArray = numbers.reshape(n_rows, len(low))
    # Within the narrowest limits nothing need be compared feature by feature, which takes four times as long.
    valid = numbers.min() >= low.max() and numbers.max() <= high.min()
    return answers if valid or ((answers >= low) & (answers <= high)).all() else None
