"""Survey files of the small catalogue, line by line."""

from collections.abc import Callable

import pandas as pd
import pytest
from dtc_data.core import SurveyFileError

HEADER = "customer_id,date,price,ecology,visits,persona"
GOOD_ROW = "A,2025-01-15,1,2.5,-3e1,7"

Reader = Callable[..., pd.DataFrame]
"""Reads lines as a file, as the fixture `read` does."""


def refusal(read: Reader, *lines: str, **options: object) -> str:
    """Read lines that must be refused, and give the message."""
    with pytest.raises(SurveyFileError) as caught:
        read(*lines, **options)
    assert "survey.csv" in str(caught.value)
    return str(caught.value)
