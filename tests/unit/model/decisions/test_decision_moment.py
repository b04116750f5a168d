"""When a decision was made: a training that began in the same second must be told from one that had ended."""

from datetime import UTC, datetime

from dtc_model.decisions import Decision


def test_a_decision_keeps_its_moment_to_the_fraction_of_a_second() -> None:
    before = datetime.now(UTC)
    decision = Decision.now(
        "promoted", model_name="m", version="2", previous_version="1", by="Ada", why="better", source="command"
    )
    assert before <= decision.at <= datetime.now(UTC)
    assert Decision.from_dict(decision.to_dict()) == decision
