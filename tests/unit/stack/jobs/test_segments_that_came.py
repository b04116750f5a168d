"""How forecasts of the next segment come out, beside the guess that everybody stays."""

import pandas as pd
import pytest
from dtc_stack.jobs.forecasting import segments_that_came


def test_who_has_no_segment_then_counts_and_who_had_none_before_does_not() -> None:
    stored = pd.DataFrame(
        {
            "customer_id": ["a", "b", "c", "d", "new"],
            "segment": ["high", "high", "low", "low", None],
            "expected_segment": ["high", "low", "low", "no segment", None],
        }
    )
    came = pd.Series({"a": "high", "b": "low", "c": "high", "new": "high"})

    found = segments_that_came(stored, came)

    assert found["forecast"]["accuracy"] == pytest.approx(3 / 4)
    assert found["stays"]["accuracy"] == pytest.approx(1 / 4)
