"""Labels: who left, as far as it is known, and only beside features of the same cutoff."""

from typing import Any

import pandas as pd
import pytest
from dtc_data.core import SettingsError
from dtc_data.transactions import behaviour_features
from dtc_model.errors import CutoffMismatchError, ForecastError, ImmatureLabelsError
from dtc_model.prediction import LabelledTable, Outcome, TableMaker
from fakes.retail_lines import day, lines_of

ROWS: list[dict[str, Any]] = [
    {"day": 1, "customer": "a"},
    {"day": 1, "customer": "b"},
    {"day": 2, "customer": "c"},
    {"day": 3, "customer": "d"},
    {"day": 100, "customer": "a", "quantity": 3},  # on the cutoff itself
    {"day": 129.99, "customer": "b"},
    {"day": 130, "customer": "c"},  # one horizon later
    {"day": 110, "customer": "d", "quantity": -1},  # a cancellation is not an order
    {"day": 200, "customer": "z"},
]


def left_of(table: LabelledTable) -> dict[str, bool]:
    return dict(zip(table.customer_ids, table.left.tolist(), strict=True))


def joined(rows: list[dict[str, Any]], cutoff: float = 100, known_at: Any = None, **options: Any) -> LabelledTable:
    lines = lines_of(rows)
    outcome = Outcome.observe(lines, day(cutoff), 30, known_at)
    return LabelledTable.join(behaviour_features(lines, day(cutoff)), day(cutoff), outcome, **options)


def test_whoever_orders_from_the_cutoff_on_and_before_the_horizon_ends_has_stayed() -> None:
    table = joined(ROWS)

    assert left_of(table) == {"a": False, "b": False, "c": True, "d": True}
    assert table.amounts.tolist() == [30.0, 10.0, 0.0, 0.0]


def test_every_order_is_either_in_the_features_or_in_the_label() -> None:
    lines = lines_of(ROWS)
    for cutoff in (99.5, 100, 100.5):
        before = behaviour_features(lines, day(cutoff)).set_index("customer_id")["orders_ever"]
        after = Outcome.observe(lines, day(cutoff), 100).amounts
        assert before["a"] + ("a" in after.index) == 2


def test_an_order_that_had_not_arrived_is_not_known_yet() -> None:
    rows = [*ROWS, {"day": 105, "customer": "d", "arrived": 150}]

    assert left_of(joined(rows, known_at=day(140)))["d"]
    assert not left_of(joined(rows, known_at=day(151)))["d"]
    assert not left_of(joined(rows))["d"]


def test_a_label_that_is_not_known_yet_is_refused() -> None:
    with pytest.raises(ImmatureLabelsError, match=r"ends on 2020-05-10, but only what is known on 2020-05-09"):
        joined(ROWS, known_at=day(129))


def test_a_horizon_beyond_the_last_line_is_refused() -> None:
    with pytest.raises(ImmatureLabelsError, match=r"lines end on 2020-07-19, before the horizon .* 2020-08-08"):
        joined(ROWS, cutoff=190)


@pytest.mark.parametrize(
    ("as_of", "words"), [(107, "know what the label is made of"), (130, "know what"), (93, "miss what happened")]
)
def test_features_of_another_moment_than_the_label_are_refused(as_of: float, words: str) -> None:
    lines = lines_of(ROWS)

    with pytest.raises(CutoffMismatchError, match=f"features as of .* {words}.*begins at 2020-04-10 00:00"):
        LabelledTable.join(behaviour_features(lines, day(as_of)), day(as_of), Outcome.observe(lines, day(100), 30))


def test_only_those_who_bought_in_the_lookback_can_be_eligible() -> None:
    assert list(joined(ROWS, eligible=98).customer_ids) == ["c", "d"]
    assert len(joined(ROWS, eligible="ever")) == 4
    with pytest.raises(ForecastError, match="nobody is eligible on 2020-04-10"):
        joined(ROWS, eligible=10)


@pytest.mark.parametrize("eligible", [0, -3, "recent"])
def test_an_unknown_eligibility_is_refused(eligible: Any) -> None:
    with pytest.raises(SettingsError, match="must be 'ever' or a number of days"):
        joined(ROWS, eligible=eligible)


def test_tables_with_other_features_or_horizons_cannot_be_stacked(table: LabelledTable) -> None:
    with pytest.raises(SettingsError, match="same features and the same horizon"):
        LabelledTable.stack([table, joined(ROWS)])


def test_a_stacked_table_keeps_customers_cutoffs_and_labels_together(maker: TableMaker, table: LabelledTable) -> None:
    cutoff = table.cutoffs.iloc[-1]
    last = table.take((table.cutoffs == cutoff).to_numpy().nonzero()[0])

    again = maker.table(cutoff, known_at=day(360))
    pd.testing.assert_frame_equal(last.features, again.features)
    assert left_of(last) == left_of(again)


def test_an_old_order_that_arrives_later_changes_no_cutoff_before() -> None:
    rows = [{"day": number, "customer": customer} for customer in "abc" for number in range(0, 300, 25)]
    ancient = {"day": -400, "customer": "a", "arrived": 200}
    before, after = (TableMaker(lines_of(given), 30) for given in (rows, [*rows, ancient]))

    for cutoff in (day(100), day(200)):
        pd.testing.assert_frame_equal(after.features(cutoff), before.features(cutoff))
        splits = (one.split_before(cutoff, step_days=30, most=None) for one in (after, before))
        assert next(splits) == next(splits)
        assert after.recipe_at(cutoff) == before.recipe_at(cutoff)
    assert before.features(day(230))["orders_365d"].isna().all()
    assert after.features(day(230))["orders_365d"].notna().all(), "from its arrival on it counts"
    assert after.split_before(day(230), step_days=30, most=None).train[0] >= day(7), "nobody was known before"


def test_before_anything_was_known_nothing_can_be_learned() -> None:
    late = TableMaker(lines_of([{"day": number, "arrived": 300} for number in range(0, 300, 25)]), 30)

    with pytest.raises(ForecastError, match="no transaction had arrived before"):
        late.features(day(200))
    with pytest.raises(ForecastError, match="arrived later: nothing was known at it"):
        late.split_before(day(301), step_days=30, most=None)
