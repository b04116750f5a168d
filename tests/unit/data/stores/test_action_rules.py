"""Recommended actions from a rule file."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from dtc_data.core import RetailDataError
from dtc_data.stores import (
    ActionRule,
    RetailTables,
    load_action_rules,
    recommend_actions,
    store_features,
    store_potential,
)
from dtc_stack.settings import PROJECT_FOLDER

SHIPPED = PROJECT_FOLDER / "00_create_data" / "store_actions.yaml"


def labelled(**columns: object) -> pd.DataFrame:
    """Six stores of one archetype, the last of which makes half as much per square metre."""
    table = {
        "unit_id": list("abcdef"),
        "archetype": "mall",
        "size_m2": 100.0,
        "size_error": 0.0,
        "revenue_per_m2": [10.0, 10, 10, 10, 10, 5],
        "revenue_per_day": np.array([10.0, 10, 10, 10, 10, 5]) * 100 / 91,
        "out_of_stock_days": [1.0, 2, 3, 4, 5, np.nan],
        "placement": ["mall", "mall", "station", "mall", "mall", None],
    }
    return pd.DataFrame(table | columns)


def rule(condition: str, reason: str = "because") -> ActionRule:
    return ActionRule(name="r", condition=condition, action="do", reason=reason)


def chosen(condition: str, **columns: object) -> str:
    return "".join(recommend_actions(labelled(**columns), (rule(condition),))["unit_id"])


@pytest.mark.parametrize(
    ("condition", "stores"),
    [
        ("out_of_stock_days > 3", "de"),
        ("not out_of_stock_days > 3", "abc"),  # f has no value, and is in neither
        ("2 <= out_of_stock_days < 4", "bc"),
        ("out_of_stock_days > median(out_of_stock_days)", "de"),
        ("out_of_stock_days >= quantile(out_of_stock_days, 0.75)", "de"),
        ("out_of_stock_days > 3 and not out_of_stock_days == 5", "d"),
        ("out_of_stock_days == 1 or placement == 'station'", "ac"),
        ("placement in ['station', 'street']", "c"),
        ("placement not in ['mall']", "c"),
        ("-out_of_stock_days + 6 > 2 * 2.5", ""),
        ("(out_of_stock_days - 1) / 2 > 1", "de"),
        ("potential_gap > 0.4 * potential", "f"),
        ("revenue_per_m2 < 6", "f"),
    ],
)
def test_a_condition_holds_for_the_stores_that_it_says(condition: str, stores: str) -> None:
    assert chosen(condition) == stores


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "().__class__.__bases__",
        "open('/etc/passwd')",
        "revenue_per_m2.abs() > 1",
        "[x for x in (1, 2)]",
        "lambda: 1",
        "revenue_per_m2 if 1 else 2",
        "f'{revenue_per_m2}' == 'x'",
        "revenue_per_m2 ** 9 > 1",
        "revenue_per_m2 is None",
        "median(revenue_per_m2 + 1) > 1",
        "median > 1",
        "quantile(revenue_per_m2, 2) > 1",
        "max(revenue_per_m2) > 1",
        "(y := 1) > 0",
        "True",
        "revenue_per_m2 >",
        "(" * 500 + ")" * 400,
        "a" * 2_000,
    ],
)
def test_nothing_but_figures_and_comparisons_is_read(text: str, tmp_path: Path) -> None:
    with pytest.raises(RetailDataError, match=r"actions.yaml: rule 'r': "):
        load_action_rules(rule_file(tmp_path, condition=text))


@pytest.mark.parametrize("figure", ["__import__('os')", "placement.__class__", "placement[0]", "max(size_m2)", ""])
def test_nothing_but_figures_is_read_in_a_reason(figure: str, tmp_path: Path) -> None:
    with pytest.raises(RetailDataError, match=r"actions.yaml: rule 'r': "):
        load_action_rules(rule_file(tmp_path, reason=f"because {{{figure} }}"))


def rule_file(folder: Path, **fields: str) -> Path:
    mine = {"name": "r", "condition": "revenue_per_m2 > 1", "action": "do", "reason": "x"} | fields
    path = folder / "actions.yaml"
    path.write_text(yaml.safe_dump({"rules": [mine]}), encoding="utf-8")
    return path


@pytest.mark.parametrize("condition", ["profit > 1", "placement > 1", "revenue_per_m2 + 1", "placement + 1 > 2"])
def test_a_condition_that_does_not_fit_the_stores_is_refused(condition: str) -> None:
    with pytest.raises(RetailDataError):
        chosen(condition)


def test_a_reason_holds_the_stores_own_figures() -> None:
    reason = "{out_of_stock_days:.1f} days, {median(out_of_stock_days):.0f} typical, {revenue_per_m2 / 10:.0%}, in {placement}"
    found = recommend_actions(labelled(), (rule("revenue_per_m2 < 100", reason),))

    assert found["reason"].iloc[0] == "1.0 days, 3 typical, 100%, in mall"
    assert found["reason"].iloc[5] == "unknown days, 3 typical, 50%, in unknown"


def test_actions_stand_in_the_order_of_stores_and_then_of_rules() -> None:
    first = ActionRule(name="first", condition="out_of_stock_days > 3", action="x", reason="x")
    second = ActionRule(name="second", condition="out_of_stock_days > 4", action="y", reason="y")
    found = recommend_actions(labelled(), (first, second))

    assert list(zip(found["unit_id"], found["rule"], strict=True)) == [("d", "first"), ("e", "first"), ("e", "second")]


def test_the_potential_is_the_size_at_the_median_of_the_archetype() -> None:
    found = store_potential(labelled(size_error=[0, 0, 0, 0, 0, 0.3]))

    assert found["potential"].tolist() == [1000.0] * 6
    assert found["potential_gap"].to_numpy() == pytest.approx([0, 0, 0, 0, 0, 500])
    assert found["potential_error"].tolist() == [0, 0, 0, 0, 0, 0.3]


def test_an_archetype_of_a_few_stores_has_no_potential() -> None:
    found = store_potential(labelled(archetype=["a", "a", "a", "a", "b", "b"]))
    assert found.isna().all(axis=None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rules: []", "rules"),
        ("rules: [{name: a, condition: x > 1, action: b}]", "reason: is missing"),
        ("rules: [{name: a, condition: x > 1, action: b, reason: c, when: d}]", "when: unknown key"),
        ("rules: [{name: a, condition: x > 1, action: b, reason: '{x:>999999999}'}]", "the format '>999999999'"),
        (
            "rules: &r [{name: a, condition: x > 1, action: b, reason: c}, {name: a, condition: x > 1, action: b, reason: c}]",
            "called a",
        ),
        ("- 1", "a rule file|a file is|is a list"),
    ],
)
def test_a_rule_file_that_is_wrong_is_refused_by_name(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "actions.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RetailDataError, match=said):
        load_action_rules(path)


def test_stores_without_labels_get_no_actions() -> None:
    with pytest.raises(RetailDataError, match="no column archetype"):
        recommend_actions(labelled().drop(columns="archetype"), (rule("revenue_per_m2 > 1"),))


def test_the_shipped_rules_fit_the_features_and_most_stores_are_left_alone(
    planted_tables: RetailTables, planted_folder: Path
) -> None:
    features = store_features(planted_tables, "2025Q4")
    truth = pd.read_csv(planted_folder / "files" / "truth.csv").set_index("store_id")["archetype"]
    found = recommend_actions(features.assign(archetype=features["unit_id"].map(truth)), load_action_rules(SHIPPED))

    assert 0 < found["unit_id"].nunique() < 0.8 * len(features)
    assert not found["reason"].str.contains("unknown|nan|[{}]").any()
