from dataclasses import replace

import pytest
from dtc_monitoring.alerts import Action, Press, model_key
from dtc_monitoring.alerts.buttons import MOST_BYTES, decision_buttons
from fakes.run_content import DRIFT, PROMOTED, STABLE
from hypothesis import given
from hypothesis import strategies as st

VERSIONS = st.integers(1, 10**9).map(str)


@given(st.sampled_from(Action), VERSIONS, st.none() | VERSIONS, st.text())
def test_what_a_button_carries_comes_back_and_fits(
    action: Action, version: str, expected: str | None, model: str
) -> None:
    press = Press(action, version, expected, model_key(model))
    assert Press.from_data(press.to_data()) == press
    assert len(press.to_data().encode()) <= MOST_BYTES


def test_what_would_not_fit_is_refused_before_telegram_does() -> None:
    with pytest.raises(ValueError, match="too long"):
        Press(Action.APPROVE, "9" * 60, "1", "abcdefgh").to_data()


@given(st.text(max_size=64))
def test_any_text_is_either_a_press_or_nothing(data: str) -> None:
    press = Press.from_data(data)
    assert press is None or Press.from_data(press.to_data()) == press


def test_only_a_candidate_that_waits_gets_buttons() -> None:
    assert decision_buttons(PROMOTED) is None
    assert decision_buttons(STABLE) is None
    assert decision_buttons(replace(DRIFT, chat=False)) is None, "nobody would take the press"
    markup = decision_buttons(DRIFT)
    assert markup is not None
    approve, reject = markup.inline_keyboard[0]
    assert (approve.text, reject.text) == ("Approve version 3", "Reject version 3")
    assert Press.from_data(str(approve.callback_data)) == Press(Action.APPROVE, "3", "2", model_key("persona_model"))
