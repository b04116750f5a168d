"""Who is trained on, and what is said about missing answers."""

import numpy as np
import pandas as pd
import pytest
from dtc_data import Catalogue
from dtc_model.discovery import TrainingAnswers
from dtc_model.errors import TrainingError


@pytest.fixture
def tolerant(small_catalogue: Catalogue) -> Catalogue:
    return Catalogue.model_validate(small_catalogue.model_dump() | {"missing_answers": {"minimum_answered": 2}})


def wave(*, one_missing: int = 0, two_missing: int = 0) -> pd.DataFrame:
    """Make ten respondents, some of whom left answers out."""
    frame = pd.DataFrame(np.arange(30.0).reshape(10, 3), columns=["price", "ecology", "visits"])
    frame.iloc[:one_missing, 0] = np.nan
    frame.iloc[one_missing : one_missing + two_missing, 1:] = np.nan
    return frame


def test_nothing_is_said_where_everybody_answered_everything(tolerant: Catalogue) -> None:
    taken = TrainingAnswers.take(wave(), tolerant, 0.2)
    assert (len(taken.values), taken.words) == (10, "")


def test_whoever_answered_enough_is_trained_on_and_the_others_are_counted(tolerant: Catalogue) -> None:
    taken = TrainingAnswers.take(wave(one_missing=3, two_missing=1), tolerant, 0.2)
    assert taken.counts == {"n_units": 10, "n_fitted": 9, "n_complete": 6}
    assert np.isnan(taken.values).sum(axis=0).tolist() == [3, 0, 0]
    assert taken.words == (
        "fitted on 9 of 10 respondents; 3 of them left answers out and count by the others; 1 answered fewer than 2 questions"
    )


def test_only_what_there_is_is_said(tolerant: Catalogue) -> None:
    some = TrainingAnswers.take(wave(one_missing=3), tolerant, 0.2).words
    assert some == "fitted on 10 of 10 respondents; 3 of them left answers out and count by the others"
    few = TrainingAnswers.take(wave(two_missing=2), tolerant, 0.2).words
    assert few == "fitted on 8 of 10 respondents; 2 answered fewer than 2 questions"


def test_too_few_complete_units_are_refused_with_the_way_out(tolerant: Catalogue) -> None:
    TrainingAnswers.take(wave(one_missing=8), tolerant, 0.2)
    with pytest.raises(
        TrainingError, match=r"only 1 of 10 respondents answered every question: at least 20% .*TRAIN_COMP"
    ):
        TrainingAnswers.take(wave(one_missing=9), tolerant, 0.2)


def test_where_no_answer_may_be_missing_nobody_is_left_out_silently(small_catalogue: Catalogue) -> None:
    assert len(TrainingAnswers.take(wave(two_missing=5), small_catalogue, 0.2).values) == 10
