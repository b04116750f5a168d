"""Segments of customers as of moments, beside their forecasts."""

import pandas as pd
import pytest
from dtc_data import Catalogue
from dtc_data.core import SettingsError
from dtc_data.transactions import BehaviourLines, customer_features
from dtc_model.forecasts import CustomerSegments
from dtc_model.rule import SegmentModel
from fakes.shop import shop_day, shop_lines


def by_value(**more: object) -> Catalogue:
    """Return customers who bought lately and much, and long ago and little."""
    return Catalogue.model_validate(
        {
            "name": "Customer value",
            "unit": "customer",
            "unit_table": "customer_value",
            "registered_model": "customer_value",
            "features": [{"name": "recency_days", "scale": 30}, {"name": "monetary", "scale": 200}],
            "segments": [
                {"id": 0, "name": "Champions", "centroid": [10, 900]},
                {"id": 1, "name": "Hibernating", "centroid": [140, 50]},
            ],
            **more,
        }
    )


CATALOGUE = by_value(transactions={"lookback_days": 180})


def test_each_customer_of_the_lookback_has_the_segment_of_the_rule() -> None:
    lines = BehaviourLines(shop_lines(80))

    found = CustomerSegments(lines, CATALOGUE)(shop_day(300))

    customers = customer_features(lines.table, shop_day(300), 180)
    labels = SegmentModel.from_catalogue(CATALOGUE).label(customers[["recency_days", "monetary"]].to_numpy(dtype=float))
    names = {0: "Champions", 1: "Hibernating"}
    assert found.to_dict() == {name: names[label] for name, label in zip(customers["customer_id"], labels, strict=True)}
    assert set(found) == {"Champions", "Hibernating"}


def test_nobody_has_a_segment_before_the_lines_cover_a_lookback() -> None:
    lines = BehaviourLines(shop_lines(80))
    whole = lines.first_moment.floor("D") + pd.Timedelta(days=180)

    segments = CustomerSegments(lines, CATALOGUE)

    assert segments(whole - pd.Timedelta(days=1)).empty
    assert not segments(whole).empty


def test_what_comes_later_changes_no_segment() -> None:
    lines = shop_lines(80)
    early = lines[lines["ordered_at"] < shop_day(300)]

    known, all_of_it = (CustomerSegments(BehaviourLines(part), CATALOGUE)(shop_day(300)) for part in (early, lines))

    pd.testing.assert_series_equal(known, all_of_it)


def test_a_segmentation_of_something_else_gives_none() -> None:
    with pytest.raises(SettingsError, match="not a segmentation of customers by their transactions"):
        CustomerSegments(BehaviourLines(shop_lines(20)), by_value())
