"""Reasons of a forecast: said in the words of the data dictionary, with values that people can read."""

import math

import pytest
from dtc_data.transactions import feature_definitions
from dtc_model.prediction.scoring.forecast_document import ForecastFeature
from dtc_model.prediction.scoring.reasons import reason_for


def feature(name: str, typical: float | None) -> ForecastFeature:
    """Return a feature as its definition says it."""
    (own,) = (one for one in feature_definitions() if one.name == name)
    return ForecastFeature(name=name, description=own.description, unit=own.unit, typical=typical)


@pytest.mark.parametrize(
    ("name", "typical", "value", "effect", "words"),
    [
        ("recency_days", 12.0, 45.04, 0.5, "Since the latest order: 45 days (usually 12 days); raises the forecast"),
        (
            "amount_90d",
            310.2,
            12_345.6,
            -0.1,
            "Amount of the orders in 90 days: 12,346 (usually 310); lowers the forecast",
        ),
        ("weekend_share", 0.25, 0.5, 0.2, "Orders on Saturdays and Sundays: 50% (usually 25%); raises the forecast"),
        ("one_order", 0.0, 1.0, 0.2, "Whether there is one order only: yes (usually no); raises the forecast"),
        ("mean_gap_days", None, math.nan, 0.2, "Mean time between orders: not known; raises the forecast"),
        (
            "longest_gap_days",
            26.6,
            0.000729,
            -0.2,
            "Longest time between two orders: less than an hour (usually 26.6 days); lowers the forecast",
        ),
        (
            "longest_gap_days",
            0.25,
            2.0,
            0.2,
            "Longest time between two orders: 2 days (usually 6 hours); raises the forecast",
        ),
        (
            "overdue_longest",
            0.19,
            292_187.0,
            0.3,
            "Time since the latest order in longest times between orders: more than 1,000 (usually 0.19); raises the forecast",
        ),
        ("orders_30d", 5.0, 3.0, 0.2, "Orders in 30 days: 3 (usually 5); raises the forecast"),
    ],
)
def test_a_reason_is_said_as_the_data_dictionary_says_it(
    name: str, typical: float | None, value: float, effect: float, words: str
) -> None:
    assert reason_for(feature(name, typical), value, effect).words == words


def test_a_feature_of_a_table_without_descriptions_is_said_by_its_name() -> None:
    reason = reason_for(ForecastFeature(name="calls", typical=2.0), 5.0, 1.0)
    assert reason.words == "calls: 5 (usually 2); raises the forecast"


def test_no_reason_shows_a_name_that_the_dictionary_has_words_for() -> None:
    for own in feature_definitions():
        words = reason_for(feature(own.name, 1.0), 1.0, 1.0).words
        assert own.name not in words
        assert words[0].isupper()
