"""What the bot answers, whichever segmentation is meant: a button says so itself, a command names it or means the default one.

Nothing here knows Telegram's protocol, and no answer is lost to an outage: what cannot be done is said so.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import structlog
from dtc_data.core import DtcError
from dtc_model.errors import ModelUnavailableError, RegistryConflictError

from dtc_monitoring.alerts import Action, Press
from dtc_monitoring.bot.counter import Counter, Reply

_HELP = """\
What you can do here
/status says which version labels and what waits for a decision, for every segmentation
/versions lists the latest versions
/rollback takes production back to the version before, after asking
Approve and Reject stand under an alert that needs a decision."""

_log = structlog.get_logger()


@dataclass(frozen=True)
class Desk:
    """Answers commands and presses, one at a time.

    Parameters
    ----------
    counters : tuple of Counter
        One for each segmentation, the default one first.
    problems : mapping
        By name, why another segmentation cannot be asked about.
    """

    counters: tuple[Counter, ...]
    problems: Mapping[str, str] = field(default_factory=dict)

    def command(self, name: str, argument: str = "") -> Reply | None:
        """Answer a command, without its slash, about the segmentation that follows it; None if there is no such command."""
        replies: Mapping[str, Callable[[], Reply]] = {
            "status": self._status,
            "versions": lambda: self._of_one(argument, Counter.versions),
            "rollback": lambda: self._of_one(argument, Counter.ask_rollback),
            "start": self._help,
            "help": self._help,
        }
        return self._guarded(replies[name], f"/{name}") if name in replies else None

    def press(self, press: Press, by: str) -> Reply:
        """Do what a pressed button says, on behalf of somebody."""
        counter = next((counter for counter in self.counters if counter.knows(press)), None)
        if counter is None:
            return Reply(
                f"This button belongs to none of the segmentations here ({self._names}). Nothing was changed. This decides "
                f"it, typed with that segmentation: {_command(press)}"
            )
        return self._guarded(lambda: counter.decide(press, by), press.action)

    def _guarded(self, reply: Callable[[], Reply], what: str) -> Reply:
        """Say in words what could not be done; an error must not end the bot."""
        try:
            return reply()
        except RegistryConflictError as error:
            return Reply(f"Not done: {error}", settled=True)
        except DtcError as error:
            _log.warning("the bot could not do what it was asked", asked=what, reason=str(error))
            return Reply(f"That could not be done now: {error}\nSend /status to see what holds, then try again.")
        except Exception:  # noqa: BLE001 - whatever it is, the next one who asks wants an answer too
            _log.exception("the bot failed", asked=what)
            return Reply("That could not be done: something unexpected went wrong. The bot's log has the details.")

    def _status(self) -> Reply:
        parts = [self._titled(counter, _status_of(counter)) for counter in self.counters]
        parts += [f"{name}\nIts catalogue cannot be used: {problem}" for name, problem in self.problems.items()]
        return Reply("\n\n".join(parts))

    def _of_one(self, name: str, ask: Callable[[Counter], Reply]) -> Reply:
        """Answer for the segmentation of a name, for the default one without."""
        chosen = [counter for counter in self.counters if name in {"", counter.name}]
        if not chosen:
            return Reply(f"There is no segmentation {name[:80]!r}: there are {self._names}.")
        reply = ask(chosen[0])
        return replace(reply, text=self._titled(chosen[0], reply.text))

    def _titled(self, counter: Counter, text: str) -> str:
        return f"{counter.title}\n{text}" if len(self.counters) + len(self.problems) > 1 else text

    def _help(self) -> Reply:
        if len(self.counters) < 2:  # noqa: PLR2004 - one alone need not be named
            return Reply(_HELP)
        return Reply(
            f"{_HELP}\nBehind /versions and /rollback can stand one of {self._names}; else the first is meant."
        )

    @property
    def _names(self) -> str:
        return ", ".join(counter.name for counter in self.counters) or "there are none"


def _status_of(counter: Counter) -> str:
    """Ask one segmentation; what concerns it alone must not hide the others."""
    try:
        return counter.status()
    except ModelUnavailableError:  # the registry, which all share
        raise
    except DtcError as error:
        return f"That could not be asked: {error}"


def _command(press: Press) -> str:
    """Return the command that does what a button says, for a segmentation that is still to be named."""
    targets = {Action.APPROVE: "promote", Action.REJECT: "reject"}
    target, version = (
        (targets[press.action], f" VERSION={press.version}") if press.action in targets else ("rollback", "")
    )
    return f"make {target} SEGMENTATION=…{version} BY=… WHY=…"
