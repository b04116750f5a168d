"""A question that was reversed or recoded is hinted at by name, and none that people merely answer otherwise."""

import numpy as np
import pandas as pd
import pytest
from dtc_data import Catalogue
from dtc_monitoring.reference import check_answers
from dtc_monitoring.verdict.evidence import Evidence
from dtc_monitoring.verdict.recoded_questions import find_recoded

NAMES = [f"q{number}" for number in range(1, 9)]
CATALOGUE = Catalogue.model_validate(
    {
        "name": "grades",
        "registered_model": "grades",
        "features": [{"name": name, "type": "grade", "minimum": 1, "maximum": 5} for name in NAMES]
        + [{"name": "share"}, {"name": "alone", "type": "yes_no"}],
        "segments": [
            {"id": 1, "name": "Low", "centroid": [2] * 8 + [0.3, 0]},
            {"id": 2, "name": "High", "centroid": [4] * 8 + [0.7, 1]},
        ],
    }
)


def people(seed: int, n: int = 500, mean: float = 3.0) -> pd.DataFrame:
    """Grades that go together by two traits, a share, and a question that goes with none."""
    random = np.random.default_rng(seed)
    traits = random.normal(0, 1, (n, 2))
    load = np.array([[1, 0], [1, 0], [-1, 0], [1, 0], [0, 1], [0, 1], [0, -1], [0, 1]])
    grades = np.clip((mean + 0.8 * traits @ load.T + random.normal(0, 0.7, (n, 8))).round(), 1, 5)
    frame = pd.DataFrame(grades, columns=NAMES)
    return frame.assign(share=random.beta(2, 5, n), alone=(random.random(n) < 0.8).astype(float))


def hints(before: pd.DataFrame, after: pd.DataFrame) -> tuple[Evidence, ...]:
    reference, current = check_answers(before, CATALOGUE, "reference"), check_answers(after, CATALOGUE, "current")
    return find_recoded(reference, current, CATALOGUE)


@pytest.mark.parametrize("name", ["q1", "q3", "q7"])
@pytest.mark.parametrize("n", [100, 500])
def test_a_reversed_question_is_named(name: str, n: int) -> None:
    after = people(2, n)
    after[name] = 6 - after[name]

    (hint,) = hints(people(1), after)

    assert hint.name == name
    assert "looks reversed" in hint.words


def test_a_question_that_goes_with_no_other_is_known_by_its_answers() -> None:
    (hint,) = hints(people(1), people(2).assign(alone=lambda frame: 1 - frame["alone"]))

    assert (hint.name, "turned about, the answers are as before" in hint.words) == ("alone", True)


def test_answers_that_were_counted_from_another_number_are_named_with_it() -> None:
    (hint,) = hints(people(1), people(2).assign(q2=lambda frame: frame["q2"] - 1))

    assert hint.name == "q2"
    assert "if -1 is taken off" in hint.words


def test_percent_in_the_place_of_shares_are_named() -> None:
    (hint,) = hints(people(1), people(2).assign(share=lambda frame: frame["share"] * 100))

    assert hint.name == "share"
    assert "divided by 100" in hint.words


def test_unchanged_waves_give_no_hint() -> None:
    found = [hints(people(seed), people(seed + 1_000, n)) for seed in range(40) for n in (100, 500)]

    assert not any(found)


def test_people_who_answer_otherwise_give_no_hint() -> None:
    found = [hints(people(seed), people(seed + 1_000, mean=mean)) for seed in range(20) for mean in (2.2, 3.8)]

    assert not any(found)


def test_missing_answers_hide_no_reversed_question() -> None:
    random = np.random.default_rng(3)
    before, after = (people(seed).mask(random.random((500, 10)) < 0.2) for seed in (1, 2))
    after["q5"] = 6 - after["q5"]

    assert [hint.name for hint in hints(before, after)] == ["q5"]


def test_a_handful_of_people_says_nothing() -> None:
    after = people(2, 40)
    after["q1"] = 6 - after["q1"]

    assert not hints(people(1), after)
