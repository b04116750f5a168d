"""A rule that gave segments is found again from behaviour features, on public transactions."""

import pandas as pd
from dtc_data import Catalogue
from dtc_data.transactions import BehaviourLines, customer_features
from dtc_model.discovery import discover
from dtc_model.forecasts import CustomerSegments
from dtc_model.prediction import TableMaker, recover_rule
from dtc_model.profiles import draft_catalogue
from fakes.retail_lines import completejourney_lines, needs_completejourney

LOOKBACK_DAYS = 180
TEST = pd.Timestamp("2017-09-04", tz="UTC")
HEAD = {
    "name": "Customers by value",
    "unit": "customer",
    "unit_table": "customer_value",
    "registered_model": "customer_value",
    "transactions": {"lookback_days": LOOKBACK_DAYS},
}


@needs_completejourney
def test_segments_of_half_a_year_are_told_from_the_features_of_today() -> None:
    lines = BehaviourLines(completejourney_lines())
    june = customer_features(lines.table, "2017-07-01", LOOKBACK_DAYS).set_index("customer_id")
    found = discover(
        june[["recency_days", "frequency", "monetary"]], "kmeans", 7, encodings=["quantile"], n_bootstraps=1
    )
    segments = CustomerSegments(lines, Catalogue.model_validate(draft_catalogue(found.document, head=HEAD)))
    train = [TEST - pd.Timedelta(days=30 * number) for number in (4, 3, 2, 1)]

    recovered = recover_rule(TableMaker(lines, 30), segments, train, TEST)

    assert recovered["accuracy"] >= 0.92
    assert recovered["macro_f1"] >= 0.92
