import numpy as np
import pandas as pd
import pytest
from dtc_model.discovery import PlantedMixture, discover
from dtc_model.profiles import profile_segments
from dtc_model.rule import IndexArray, MixtureModel
from scipy.stats import ttest_ind

Profiled = tuple[pd.DataFrame, IndexArray, MixtureModel]


@pytest.fixture(scope="module")
def profiled() -> Profiled:
    features, _ = PlantedMixture.plant(noise="low", seed=4).draw(400)
    found = discover(features, n_bootstraps=1)
    return features, found.labels, found.document


def test_differences_are_those_of_the_segment_to_all_others(profiled: Profiled) -> None:
    features, labels, document = profiled
    for profile in profile_segments(features, labels, document):
        own = labels == profile.segment_id
        assert profile.n_units == own.sum()
        for one in profile.numbers:
            values = features[one.feature]
            test = ttest_ind(values[own], values[~own], equal_var=False).confidence_interval(0.95)
            spread = values.std(ddof=0)
            assert one.difference == pytest.approx((values[own].mean() - values[~own].mean()) / spread)
            assert (one.low, one.high) == pytest.approx((test.low / spread, test.high / spread))
        sizes = [abs(one.difference) for one in profile.numbers]
        assert sizes == sorted(sizes, reverse=True)


def test_levels_are_over_represented_only_if_that_is_clear(profiled: Profiled) -> None:
    features, labels, document = profiled
    random_level = features.assign(category_1=np.random.default_rng(1).choice(list("ABCD"), 400))
    for profile in profile_segments(random_level, labels, document):
        assert profile.levels
        assert all(one.share > one.low > one.overall for one in profile.levels)
        assert sum(one.feature == "category_1" for one in profile.levels) <= 1
        assert f"{profile.levels[0].feature} {profile.levels[0].level}" in profile.words


def test_typical_units_lie_nearer_to_their_segment_than_untypical_ones() -> None:
    features, _ = PlantedMixture.plant(n_categories=0, noise="low", seed=4).draw(200)
    found = discover(features, "mixture", n_bootstraps=1)
    parameters = found.document.parameters
    own = parameters.means[np.searchsorted(found.document.segment_ids, found.labels)]
    distances = pd.Series(
        np.linalg.norm((features - own) / np.sqrt(parameters.covariance), axis=1), index=features.index
    )
    for profile in profile_segments(features, found.labels, found.document):
        others = distances[found.labels == profile.segment_id].drop([*profile.typical, *profile.untypical])
        assert distances[list(profile.typical)].max() < others.min()
        assert distances[list(profile.untypical)].min() > others.max()


def test_a_segment_of_one_unit_and_a_column_of_gaps_have_a_profile_without_intervals(
    profiled: Profiled,
) -> None:
    features, labels, document = profiled
    lonely = np.where(np.arange(400) == 0, 5, np.minimum(labels, 4))
    profile = profile_segments(features.assign(gaps=np.nan), lonely, document)[-1]
    assert profile.n_units == 1
    assert all(np.isnan(one.low) and not one.is_clear for one in profile.numbers)
    assert "gaps" not in {one.feature for one in profile.numbers}
