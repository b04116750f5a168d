"""What people are told about forecasts."""

from typing import Any

from dtc_monitoring.alerts.forecast_messages import forecast_alert

OUTCOME: dict[str, Any] = {
    "wave": "2017-11",
    "status": "kept",
    "accounts": ["Forecasts of 2017-10-01 by version 1: 16.4% of 2,447 customers left, 16.0% was forecast."],
    "forecast": "2,453 customers were forecast by version 1 for 30 days from 2017-12-01 on: 17.0% will leave.",
    "drift": "2 of 135 inputs moved, most of all “Orders in 30 days”.",
}
PAGE = "http://localhost:5050"


def test_forecasts_that_hold_are_told_in_short_and_nothing_is_asked() -> None:
    text = forecast_alert(OUTCOME, None, PAGE)

    assert text.startswith("The forecasts of who leaves hold\n\nWave 2017-11.")
    for words in (*OUTCOME["accounts"], OUTCOME["forecast"], OUTCOME["drift"], "Nothing was trained.", PAGE):
        assert words in text
    assert "What you decide" not in text


def test_forecasts_that_got_worse_say_what_was_trained_and_what_people_decide() -> None:
    decision = {"version": "2", "decision": "gate_failed", "promoted": False, "reason": "the gate stopped it: AUC."}

    text = forecast_alert(OUTCOME | {"status": "worse"}, decision, PAGE)

    assert text.startswith("The forecasts of who leaves rank worse than promised")
    assert "Version 2 was trained and is not in production: the gate stopped it: AUC." in text
    assert "make promote_forecast VERSION=2" in text
    assert "make reject_forecast VERSION=2" in text
    assert text.count("Until then the previous version goes on serving.") == 1


def test_a_first_version_that_waits_does_not_tell_of_a_version_before_it() -> None:
    decision = {"version": "1", "decision": "gate_failed", "promoted": False, "reason": "the gate stopped it: level."}
    nothing = {"status": "untrained", "accounts": [], "forecast": "", "drift": ""}

    text = forecast_alert(OUTCOME | nothing, decision, PAGE)

    assert text.startswith("There was no forecast of who leaves yet")
    assert "Until then nobody is forecast." in text
    assert "previous version" not in text


def test_a_version_that_went_into_production_asks_for_nothing() -> None:
    decision = {"version": "2", "decision": "promoted", "promoted": True, "reason": "the gate found nothing"}

    text = forecast_alert(OUTCOME | {"status": "miscalibrated"}, decision, PAGE)

    assert text.startswith("The forecasts of who leaves predict the wrong level")
    assert "Version 2 went into production: the gate found nothing." in text
    assert "What you decide" not in text


def test_training_again_that_leads_to_the_same_is_said_so() -> None:
    same = {"version": "1", "decision": "in_production", "promoted": False, "reason": "nothing to decide"}

    assert "leads to the version in production" in forecast_alert(OUTCOME | {"status": "worse"}, same, PAGE)
