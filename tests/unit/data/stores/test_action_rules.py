"""Recommended actions from a rule file."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from dtc_data.core import RetailDataError
from dtc_data.stores import (
    ActionRule,
    ArchetypeRule,
    RetailTables,
    load_action_rules,
    recommend_actions,
    recommend_for_archetypes,
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
        ("revenue_per_m2 < mean(revenue_per_m2)", "f"),
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


def of_archetypes() -> pd.DataFrame:
    """Three archetypes of six stores: one large, one that grows, and one that is about the mean in both."""
    stores = pd.concat(
        [labelled(archetype=name, size_m2=size, growth=growth) for name, size, growth in THREE], ignore_index=True
    )
    return stores.assign(unit_id=[str(number) for number in range(len(stores))])


THREE = (("large", 900.0, 0.0), ("fast", 100.0, 0.5), ("plain", 400.0, 0.25))


def archetype_rule(name: str, **when: str) -> ArchetypeRule:
    reason = "{mean(growth):.0%} and {others(growth):.0%}"
    return ArchetypeRule.model_validate({"name": name, "when": when, "action": f"do {name}", "reason": reason})


def test_an_archetype_gets_the_rules_of_what_it_deviates_in_what_fits_most_first() -> None:
    rules = (archetype_rule("small", size_m2="low"), archetype_rule("grows", growth="high", size_m2="low"))
    more = (archetype_rule("large", size_m2="high"), archetype_rule("shrinks", growth="low"))
    found = recommend_for_archetypes(of_archetypes(), (*rules, *more))

    assert list(zip(found["archetype"], found["rule"], strict=True)) == [
        ("fast", "small"), ("fast", "grows"), ("large", "large"), ("large", "shrinks")
    ]  # fmt: skip
    assert found["reason"].tolist() == ["50% and 12%"] * 2 + ["0% and 38%"] * 2
    size, growth = np.std([900, 100, 400]), np.std([0.0, 0.5, 0.25])
    expected = [550 / size, 550 / size, 650 / size, 0.375 / growth]
    assert found["deviation"].to_numpy() == pytest.approx(expected, rel=1e-6)


def test_no_archetype_gets_more_than_three_rules_and_one_of_few_stores_none() -> None:
    rules = tuple(archetype_rule(f"r{number}", size_m2="high") for number in range(5))
    stores = of_archetypes()
    assert recommend_for_archetypes(stores, rules)["rule"].tolist() == ["r0", "r1", "r2"]
    few = stores.assign(archetype=stores["archetype"].where(stores.index > 2))
    assert recommend_for_archetypes(few, rules).empty


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ({"when": {"growth": "up"}}, "when"),
        ({"when": {}}, "when"),
        ({"when": {"no name": "high"}}, "cannot be read"),
        ({"reason": "{growth:.0%}"}, r"say mean\(growth\) or others\(growth\)"),
        ({"name": "r"}, "two rules are called r"),
    ],
)
def test_a_rule_for_archetypes_that_is_wrong_is_refused_by_name(
    field: dict[str, object], said: str, tmp_path: Path
) -> None:
    own = {"name": "q", "when": {"growth": "high"}, "action": "do", "reason": "x"} | field
    path = rule_file(tmp_path)
    path.write_text(path.read_text(encoding="utf-8") + yaml.safe_dump({"archetypes": [own]}), encoding="utf-8")
    with pytest.raises(RetailDataError, match=said):
        load_action_rules(path)


def test_a_rule_for_archetypes_that_speaks_of_no_feature_is_refused() -> None:
    with pytest.raises(RetailDataError, match="speaks of profit"):
        recommend_for_archetypes(of_archetypes(), (archetype_rule("r", profit="high"),))


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
    found = recommend_actions(
        features.assign(archetype=features["unit_id"].map(truth)), load_action_rules(SHIPPED).rules
    )

    assert 0 < found["unit_id"].nunique() < 0.8 * len(features)
    assert not found["reason"].str.contains("unknown|nan|[{}]").any()


def test_the_shipped_rules_tell_each_archetype_something_of_its_own(
    planted_tables: RetailTables, planted_folder: Path
) -> None:
    features = store_features(planted_tables, "2025Q4")
    truth = pd.read_csv(planted_folder / "files" / "truth.csv").set_index("store_id")["archetype"]
    stores = features.assign(archetype=features["unit_id"].map(truth))
    found = recommend_for_archetypes(stores, load_action_rules(SHIPPED).archetypes)

    counts = stores["archetype"].value_counts()
    per_archetype = found.groupby("archetype")["rule"].agg(tuple).reindex(counts[counts >= 5].index)
    assert per_archetype.map(len, na_action="ignore").between(2, 3).all()
    assert per_archetype.map(frozenset).nunique() == len(per_archetype)
    assert not found["reason"].str.contains("unknown|nan|[{}]").any()
