"""Customers of a real shop (UCI Online Retail): what the search finds in them, and how frozen segments live through months."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from dtc_data import Catalogue, Wave
from dtc_data.transactions import customer_waves, read_lines
from dtc_model.clustering import ENCODINGS
from dtc_model.discovery import discover
from dtc_model.profiles import draft_catalogue
from dtc_model.rule import EncodingKind, SegmentModel
from fakes.online_retail import LINES, customers
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans

NUMBERS = ["recency_days", "frequency", "monetary"]
WHOLE = 5
"""Months after June that the lines cover to their end: July to November."""


def figures(features: pd.DataFrame, encoding: EncodingKind, k: int) -> dict[str, float]:
    found = discover(features, "kmeans", k=k, encodings=[encoding]).figures.iloc[0]
    names = ("silhouette", "jaccard_min", "smallest_share")
    return {name: float(found[name]) for name in names}


@pytest.mark.parametrize(("net", "silhouette"), [(False, 0.616), (True, 0.611)])
def test_the_largest_silhouette_belongs_to_a_handful_of_wholesalers(silhouette: float, *, net: bool) -> None:
    table = customers(net=net)
    found = figures(table, "raw", 4)

    assert found["silhouette"] == pytest.approx(silhouette, abs=0.002)
    assert found["smallest_share"] * len(table) < 20
    assert found["jaccard_min"] < 0.75


def test_ranks_give_segments_that_come_back() -> None:
    table = customers()
    found = figures(table, "quantile", 5)

    assert found["silhouette"] == pytest.approx(0.385, abs=0.01)
    assert found["jaccard_min"] >= 0.9
    assert found["smallest_share"] * len(table) == pytest.approx(609, abs=15)


@pytest.fixture(scope="module")
def months() -> dict[Wave, pd.DataFrame]:
    """Customers as of the ends of June to December 2011; the lines end on 9 December."""
    if not LINES.is_file():
        pytest.skip(f"the public file of Online Retail is not at {LINES}")
    waves = [Wave(2011, month) for month in range(6, 13)]
    lines, _ = read_lines(LINES)
    made = customer_waves(lines, waves)
    return {wave: made[made["cutoff"] == wave.end].set_index("customer_id")[NUMBERS] for wave in waves}


def moved(labels: dict[Wave, "pd.Series[int]"]) -> list[tuple[float, float]]:
    """Who has another segment than the month before, by share of those in both months, and of all in the later one."""
    shares = []
    for before, after in pairwise(labels):
        both = pd.concat([labels[before], labels[after]], axis="columns", join="inner").to_numpy()
        changed = both[:, 0] != both[:, 1]
        shares.append((float(changed.mean()), float(changed.sum() / len(labels[after]))))
    return shares


@pytest.mark.parametrize(("k", "means"), [(4, (0.358, 0.353)), (5, (0.368, 0.362))])
def test_with_the_segments_of_june_at_most_two_in_five_customers_move_in_a_month(
    months: dict[Wave, pd.DataFrame], k: int, means: tuple[float, float]
) -> None:
    june = months[Wave(2011, 6)]
    found = discover(june, "kmeans", k=k, encodings=["quantile"], n_bootstraps=1)
    head = {"name": "Customer value", "unit_table": "value", "registered_model": "value"}
    model = SegmentModel.from_catalogue(Catalogue.model_validate(draft_catalogue(found.document, head=head)))
    in_both, of_all = zip(
        *moved(
            {
                wave: pd.Series(model.label(frame.to_numpy(dtype=np.float64)), index=frame.index)
                for wave, frame in months.items()
            }
        ),
        strict=True,
    )

    assert np.mean(in_both) <= 0.40, "of those who were customers the month before, in an average month"
    assert (np.mean(in_both[:WHOLE]), np.mean(in_both)) == pytest.approx(means, abs=0.01)
    assert max(of_all) <= 0.40, "in every month, of the customers of that month"
    assert max(in_both) <= 0.42, "in November, in which 41 % of them bought, instead of 29 to 35 %"


def refitted(months: dict[Wave, pd.DataFrame], k: int, seed: int) -> dict[Wave, "pd.Series[int]"]:
    """Fit segments anew on the ranks of each month, with the ids that come out."""
    fits = {wave: KMeans(k, n_init=10, random_state=seed).fit(frame.rank(pct=True)) for wave, frame in months.items()}
    return {wave: pd.Series(fit.labels_, index=months[wave].index) for wave, fit in fits.items()}


def matched(labels: dict[Wave, "pd.Series[int]"]) -> dict[Wave, "pd.Series[int]"]:
    """Give each month's segments the ids under which most customers keep theirs."""
    kept = dict(list(labels.items())[:1])
    for before, after in pairwise(labels):
        shared = pd.crosstab(labels[after], kept[before]).to_numpy()
        kept[after] = labels[after].map(dict(zip(*linear_sum_assignment(-shared), strict=True)))
    return kept


def test_segments_that_are_refitted_each_month_move_more_customers_and_with_raw_ids_most(
    months: dict[Wave, pd.DataFrame],
) -> None:
    raw = [refitted(months, 5, seed) for seed in range(3)]
    by_raw_ids = [np.mean([in_both for in_both, _ in moved(labels)]) for labels in raw]
    by_matched_ids = [in_both for in_both, _ in moved(matched(raw[0]))]

    assert min(by_raw_ids) > 0.60
    assert np.mean(by_raw_ids) == pytest.approx(0.763, abs=0.05), "whatever ids chance gives"
    assert np.mean(by_matched_ids[:WHOLE]) == pytest.approx(0.454, abs=0.02)
    assert np.mean(by_matched_ids) == pytest.approx(0.412, abs=0.02)


def test_several_segments_are_proposed_and_every_encoding_is_shown(months: dict[Wave, pd.DataFrame]) -> None:
    found = discover(months[Wave(2011, 6)], "kmeans", fewest=3, only_shown=["log1p"], n_bootstraps=5)

    chosen = found.proposal.chosen
    assert chosen is not None
    assert chosen.is_sound
    assert (chosen.solution.k >= 3, chosen.solution.encoding) == (True, "quantile")
    assert set(found.figures["encoding"]) == set(ENCODINGS)
    assert found.figures["k"].min() == 2
