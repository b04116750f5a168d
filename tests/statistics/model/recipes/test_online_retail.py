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
from sklearn.cluster import KMeans

NUMBERS = ["recency_days", "frequency", "monetary"]


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
    """Customers as of the ends of June to November 2011."""
    if not LINES.is_file():
        pytest.skip(f"the public file of Online Retail is not at {LINES}")
    waves = [Wave(2011, month) for month in range(6, 12)]
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


@pytest.mark.parametrize("k", [4, 5])
def test_with_the_segments_of_june_at_most_two_in_five_customers_move_in_a_month(
    months: dict[Wave, pd.DataFrame], k: int
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

    assert max(of_all) <= 0.40, "in every month, of the customers of that month"
    assert np.mean(in_both) <= 0.40, "of those who were customers the month before, in an average month"
    assert max(in_both) <= 0.42, "in November, in which 41 % of them bought, instead of 29 to 35 %"


def test_segments_that_are_refitted_each_month_and_keep_raw_ids_move_most_customers(
    months: dict[Wave, pd.DataFrame],
) -> None:
    labels = {}
    for wave, frame in months.items():
        ranks = frame.rank(pct=True).to_numpy()
        fitted = KMeans(n_clusters=5, n_init=10, random_state=0).fit(ranks)
        labels[wave] = pd.Series(fitted.labels_, index=frame.index)

    assert np.mean([in_both for in_both, _ in moved(labels)]) > 0.60


def test_several_segments_are_proposed_and_every_encoding_is_shown(months: dict[Wave, pd.DataFrame]) -> None:
    found = discover(months[Wave(2011, 6)], "kmeans", fewest=3, only_shown=["log1p"], n_bootstraps=5)

    chosen = found.proposal.chosen
    assert chosen is not None
    assert chosen.is_sound
    assert (chosen.solution.k >= 3, chosen.solution.encoding) == (True, "quantile")
    assert set(found.figures["encoding"]) == set(ENCODINGS)
    assert found.figures["k"].min() == 2
