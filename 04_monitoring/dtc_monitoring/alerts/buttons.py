"""The buttons under an alert, and what a press of one says.

What a button carries comes back from Telegram as it was sent, at most 64 bytes. It names all that a press decides about:
the version, the version that was in production when the button was made, and the registered model.
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from dtc_monitoring.report import ReportContent

MOST_BYTES: Final = 64
"""Longest text that a button may carry."""
_NOTHING: Final = "-"


class Action(StrEnum):
    """What a press asks for."""

    APPROVE = "approve"
    REJECT = "reject"
    ROLL_BACK = "rollback"
    CANCEL = "cancel"


@dataclass(frozen=True)
class Press:
    """What a button carries."""

    action: Action
    version: str
    """The version to put into production, or to reject."""
    expected_production: str | None
    """The version that the person saw in production."""
    model_key: str
    """Tells registered models apart, see `model_key`."""

    def to_data(self) -> str:
        """Write it as a button carries it.

        Raises
        ------
        ValueError
            If it would be too long for a button.
        """
        data = "|".join([self.action, self.version, self.expected_production or _NOTHING, self.model_key])
        if len(data.encode()) > MOST_BYTES:
            raise ValueError(f"{data!r} is too long for a button")
        return data

    @classmethod
    def from_data(cls, data: str) -> Self | None:
        """Read it back; None if this is not a button of ours."""
        parts = data.split("|")
        if len(parts) != 4 or parts[0] not in set(Action):  # noqa: PLR2004 - the fields
            return None
        action, version, expected, key = parts
        return cls(Action(action), version, None if expected == _NOTHING else expected, key)


def model_key(registered_model: str) -> str:
    """Return eight letters for the name of a registered model, which may itself be too long for a button."""
    return hashlib.sha256(registered_model.encode()).hexdigest()[:8]


def decision_buttons(content: ReportContent) -> InlineKeyboardMarkup | None:
    """Return Approve and Reject for a candidate that waits for a decision; None if none does.

    None either where the chat cannot answer, as for a catalogue outside their folder: the bot would not know the model.
    """
    new = content.candidate
    if new is None or new.outcome != "waiting" or not content.chat:
        return None
    key, expected = model_key(content.model_name), content.production_version
    return _row(
        (f"Approve version {new.version}", Press(Action.APPROVE, new.version, expected, key)),
        (f"Reject version {new.version}", Press(Action.REJECT, new.version, expected, key)),
    )


def rollback_buttons(production: str, target: str, registered_model: str) -> InlineKeyboardMarkup:
    """Return the two answers to the question whether to roll back."""
    key = model_key(registered_model)
    return _row(
        (f"Roll back to version {target}", Press(Action.ROLL_BACK, target, production, key)),
        ("Leave it", Press(Action.CANCEL, target, production, key)),
    )


def _row(*buttons: tuple[str, Press]) -> InlineKeyboardMarkup:
    row = [InlineKeyboardButton(label, callback_data=press.to_data()) for label, press in buttons]
    return InlineKeyboardMarkup([row])
