import numpy as np
import pytest
from dtc_monitoring.scoring.p_values import ScoreTest, redrawn_p_value
from scipy import stats

HALF = 1_000


@pytest.mark.parametrize(
    ("one", "other"),
    [(0.01, 0.06), (0.99, 0.94), (0.02, 0.97), (0.3, 0.45), (0.0, 0.05)],
    ids=["few", "nearly all", "few and nearly all", "many", "nobody and few"],
)
def test_redraws_give_the_p_value_that_counting_gives(one: float, other: float) -> None:
    """However probable the labels are: the number of them is a sum of two binomials."""
    probabilities = np.repeat([one, other], HALF)
    counts = np.convolve(*(stats.binom.pmf(np.arange(HALF + 1), HALF, p) for p in (one, other)))
    away = np.abs(np.arange(len(counts)) - probabilities.sum())
    score = np.sort(away[counts > 1e-6])[-8] - 0.25  # between two counts, so that rounding decides nothing
    exact = counts[away >= score].sum()
    while exact < 0.05:
        score -= 1
        exact = counts[away >= score].sum()
    spread = np.sqrt((probabilities * (1 - probabilities)).sum())
    test = ScoreTest(
        scores=np.array([score]),
        spreads=np.array([spread]),
        influence=np.ones((1, 1)),
        model_noise=np.zeros((0, 1)),
        families=(slice(0, 1),),
        roots=(np.array([[1 / spread]]),),
        sharpest=(slice(0, 1),),
        weights=np.ones(2),
    )
    columns = np.ones((2 * HALF, 1))
    drawn = [redrawn_p_value(test, columns, probabilities, None, np.random.default_rng(seed)) for seed in range(40)]
    assert np.mean(drawn) == pytest.approx(exact, rel=0.12)
