import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from dtc_model.discovery import discover
from dtc_model.errors import TrainingError
from dtc_model.profiles import SHIPPED_RULES, load_naming_rules, propose_names
from dtc_model.rule import IndexArray
from fakes.online_retail import customers

KINDS = {
    # kind: days since the last order, orders, spent
    "Champions": (5, 12, 9_000),
    "Hibernating": (300, 1, 80),
    "At risk": (200, 6, 2_500),
    "New": (6, 1, 90),
}


def customers_of_all_kinds(column_names: tuple[str, str, str]) -> tuple[pd.DataFrame, IndexArray]:
    random = np.random.default_rng(1)
    kind = np.repeat(np.arange(4), 50)
    values = np.array(list(KINDS.values()))[kind] * random.uniform(0.7, 1.3, (200, 3))
    return pd.DataFrame(values, columns=list(column_names)), kind


@pytest.mark.parametrize("names", [("recency", "frequency", "monetary"), ("recency_days", "orders", "net_revenue")])
def test_each_segment_gets_the_name_of_its_kind_under_whatever_column_names(names: tuple[str, str, str]) -> None:
    features, kind = customers_of_all_kinds(names)
    proposed = propose_names(features, kind, load_naming_rules())
    assert [one.name for one in proposed] == list(KINDS)
    assert [one.segment_id for one in proposed] == [0, 1, 2, 3]
    assert all(one.action and one.rule in one.description for one in proposed)
    assert proposed[0].positions["recency"] > 0.6


@pytest.mark.parametrize(("days", "name"), [(26, "New"), (70, "About to sleep")])
def test_customers_with_one_order_are_new_where_most_others_have_stayed_away_for_longer(days: int, name: str) -> None:
    features, kind = customers_of_all_kinds(("recency", "frequency", "monetary"))
    others = np.linspace(1, 130, len(features))
    features["recency"] = np.where(kind == 3, days, others)
    proposed = propose_names(features, (kind == 3).astype(int), load_naming_rules())
    assert proposed[1].name == name


def test_no_name_is_given_twice_even_where_segments_are_alike() -> None:
    features, _ = customers_of_all_kinds(("recency", "frequency", "monetary"))
    halves = np.arange(200) % 2
    proposed = propose_names(features, halves, load_naming_rules())
    assert len({one.name for one in proposed}) == 2
    assert not all(one.holds for one in proposed)
    assert any("it does not hold in full" in one.description for one in proposed)


def test_customers_without_a_segment_shape_no_name() -> None:
    features, kind = customers_of_all_kinds(("recency", "frequency", "monetary"))
    some = np.where(kind == 3, -1, kind)
    assert [one.segment_id for one in propose_names(features, some, load_naming_rules())] == [0, 1, 2]


def test_the_rules_are_a_file_that_a_person_may_edit(tmp_path: Path) -> None:
    edited = tmp_path / "names.yaml"
    edited.write_text(SHIPPED_RULES.read_text().replace("name: Champions", "name: Our best"))
    features, kind = customers_of_all_kinds(("recency", "frequency", "monetary"))
    assert propose_names(features, kind, load_naming_rules(edited))[0].name == "Our best"


@pytest.mark.parametrize(
    ("pattern", "replacement", "words"),
    [
        ("name: Loyal", "name: Champions", "'Champions' is given twice"),
        (r"recency: \[0.65, 1.0\]", "recency: [1.0, 0.65]", "range of recency runs from the larger"),
        (r"recency: \[0.65, 1.0\]", "recency: [0.65, 7]", "less than or equal to 1"),
        (r"recency: \[0.65, 1.0\], ", "", "'Champions' must say where it lies in each of"),
        ("best: smallest", "best: middle", "features.recency.best"),
    ],
)
def test_a_mistake_in_the_rules_is_named(tmp_path: Path, pattern: str, replacement: str, words: str) -> None:
    broken = tmp_path / "names.yaml"
    broken.write_text(re.sub(pattern, replacement, SHIPPED_RULES.read_text(), count=1))
    with pytest.raises(TrainingError, match=words) as raised:
        load_naming_rules(broken)
    assert str(broken) in str(raised.value)


def test_a_missing_column_and_too_many_segments_are_refused() -> None:
    rules = load_naming_rules()
    features, kind = customers_of_all_kinds(("recency", "frequency", "monetary"))
    with pytest.raises(TrainingError, match="recency: recency or recency_days"):
        propose_names(features.drop(columns="recency"), kind, rules)
    with pytest.raises(TrainingError, match="11 segments need as many names, but the rules have 10"):
        propose_names(features, np.arange(200) % 11, rules)


def test_every_shipped_rule_says_what_it_means_and_what_to_do() -> None:
    rules = yaml.safe_load(SHIPPED_RULES.read_text())["names"]
    assert {"Champions", "Loyal", "Promising", "At risk", "Hibernating"} <= {rule["name"] for rule in rules}
    assert all(rule["rule"].endswith(".") and rule["action"].endswith(".") for rule in rules)


def test_real_customers_get_names_that_their_figures_bear_out() -> None:
    features = customers()
    found = discover(features, k=5, encodings=["quantile"], n_bootstraps=1)
    proposed = {one.name: one.segment_id for one in propose_names(features, found.labels, load_naming_rules())}
    medians = features.groupby(found.labels).median()
    champions, hibernating = medians.loc[proposed["Champions"]], medians.loc[proposed["Hibernating"]]
    assert champions["frequency"] == medians["frequency"].max()
    assert champions["monetary"] == medians["monetary"].max()
    assert hibernating["recency"] == medians["recency"].max()
