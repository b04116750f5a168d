"""Starting pipeline runs through Mage's API trigger and following them block by block.

Runs must go through a trigger: `mage run` executes every block and ignores the conditionals.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import httpx
from mage_ai.settings.server import OAUTH2_APPLICATION_CLIENT_ID as API_KEY

from dtc_stack.errors import MageAwayError, PipelineRunError
from dtc_stack.mage.block_log import error_in
from dtc_stack.mage.project import PIPELINE, TRIGGER
from dtc_stack.settings import MageSettings

POLL_SECONDS = 0.3
"""How often a run that is followed is asked for."""
STILL_SECONDS = 600
"""How long a run that is followed may stand still, no block of it beginning or ending, before it counts as lost."""
TRIGGER_TIMEOUT_SECONDS = 60
"""How long Mage may take after its first start to read triggers.yaml."""

AWAY_SECONDS = 120
"""How long Mage may be out of reach while a run is followed, such as after it was killed and restarted."""

_WORDS = {"completed": "done", "condition_failed": "not needed", "upstream_failed": "not reached"}
"""States of a block that people know by another name."""
_ENDED = frozenset({"completed", "failed", "cancelled"})


@dataclass(frozen=True)
class BlockState:
    """A block of a run, and where it stands: initial, running, completed, condition_failed or failed."""

    block_run_id: int
    name: str
    status: str

    @property
    def words(self) -> str:
        """The state as people read it."""
        return _WORDS.get(self.status, self.status)


@dataclass
class RunState:
    """A run as Mage last described it."""

    run_id: int
    status: str
    blocks: list[BlockState] = field(default_factory=list)


class MageClient:
    """A session with Mage's HTTP interface, logged in as the owner.

    Parameters
    ----------
    url : str
        Address of Mage for programs.
    email, password : str
        The owner's login.
    page : str, optional
        Address of Mage for people; the other one if not given.
    """

    def __init__(self, url: str, email: str, password: str, page: str | None = None) -> None:
        self._http = httpx.Client(base_url=url, timeout=60, headers={"X-API-KEY": API_KEY})
        self._page = page or url
        self._email = email
        self._password = password

    @classmethod
    def from_settings(cls, mage: MageSettings) -> Self:
        """Make a client from the login in the settings."""
        return cls(mage.mage_url, mage.mage_owner_email, mage.mage_owner_password.get_secret_value(), mage.mage_page)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def log_in(self) -> None:
        """Open the session.

        Raises
        ------
        PipelineRunError
            If Mage cannot be reached or refuses the login.
        """
        login = {"session": {"email": self._email, "password": self._password}, "api_key": API_KEY}
        session = self.ask("POST", "/api/sessions", json=login).get("session")
        if not session:
            raise PipelineRunError(
                f"Mage refuses the login {self._email}: it keeps the password of its first start. "
                "Put the MAGE_OWNER_ settings of that start back into .env, or change them in Mage's own settings page."
            )
        self._http.cookies.set("oauth_token", session["token"])

    def run(
        self,
        variables: dict[str, Any],
        report: Callable[[BlockState], None],
        started: Callable[[int], None] = lambda _: None,
        pipeline: str = PIPELINE,
    ) -> RunState:
        """Start a run and follow it to its end.

        Parameters
        ----------
        variables : dict
            The run's variables.
        report : callable
            Called with each block whose state changes.
        started : callable, optional
            Called with the run's id.
        pipeline : str
            The pipeline that runs, see `dtc_stack.mage.pipeline_of`.

        Raises
        ------
        PipelineRunError
            If the run fails, is cancelled, or does not move any more; the message holds the failed block's error.
        """
        run_id = self.start(variables, pipeline)
        started(run_id)
        return self.follow(run_id, report, pipeline)

    def start(self, variables: dict[str, Any], pipeline: str = PIPELINE) -> int:
        """Start a run of a pipeline by its trigger.

        Returns
        -------
        int
            Id of the run.
        """
        trigger = self._wait_for_trigger(pipeline)
        path = f"/api/pipeline_schedules/{trigger['id']}/pipeline_runs/{trigger['token']}"
        run = self.ask("POST", path, json={"pipeline_run": {"variables": variables}})["pipeline_run"]
        return int(run["id"])

    def page(self, run_id: int, pipeline: str = PIPELINE) -> str:
        """Return the address of the page on which a person sees a run."""
        return f"{self._page}/pipelines/{pipeline}/runs/{run_id}"

    def _wait_for_trigger(self, pipeline: str) -> dict[str, Any]:
        deadline = time.monotonic() + TRIGGER_TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            schedules = self.ask("GET", f"/api/pipelines/{pipeline}/pipeline_schedules")["pipeline_schedules"]
            for schedule in schedules:
                if schedule["name"] == TRIGGER and schedule["status"] == "active":
                    return dict(schedule)
            time.sleep(POLL_SECONDS)
        raise PipelineRunError(f"Mage has no active trigger {TRIGGER!r} for {pipeline}: look at its page Triggers")

    def follow(self, run_id: int, report: Callable[[BlockState], None], pipeline: str = PIPELINE) -> RunState:
        """Wait for a run to end and report each state of a block once.

        On a busy machine Mage executes a run twice at the same time, and its blocks change their states to and fro.

        Raises
        ------
        PipelineRunError
            If the run fails or is cancelled, and the message holds the failed block's error; or if nothing of it moves for long.
        """
        seen: set[tuple[str, str]] = set()
        moved = time.monotonic()
        while True:
            run = self._state_after_outage(run_id)
            for block in run.blocks:
                if block.status != "initial" and (block.name, block.status) not in seen:
                    seen.add((block.name, block.status))
                    moved = time.monotonic()
                    report(block)
            if run.status in _ENDED:
                break
            if time.monotonic() - moved > STILL_SECONDS:
                raise PipelineRunError(
                    f"no block of run {run_id} has begun or ended for {STILL_SECONDS} s, so that it is not followed any more. "
                    f"If it is still at work it goes on by itself: {self.page(run_id, pipeline)}"
                )
            time.sleep(POLL_SECONDS)
        if run.status != "completed":
            blocks = [block for block in run.blocks if block.status == "failed"]
            failed = [f"{block.name}: {self._error(run_id, block, pipeline)}" for block in blocks]
            raise PipelineRunError(f"run {run_id} {run.status}" + (f" in {'; '.join(failed)}" if failed else ""))
        return run

    def _state_after_outage(self, run_id: int) -> RunState:
        """Ask for a run, with patience: its supervisor restarts Mage, which then takes the run up again."""
        deadline = time.monotonic() + AWAY_SECONDS
        while True:
            try:
                return self.state(run_id)
            except MageAwayError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(1)

    def state(self, run_id: int) -> RunState:
        """Ask for a run and its blocks."""
        run = self.ask("GET", f"/api/pipeline_runs/{run_id}")["pipeline_run"]
        blocks = [
            BlockState(block["id"], block["block_uuid"], block["status"]) for block in run.get("block_runs") or []
        ]
        return RunState(run_id, run["status"], blocks)

    def _error(self, run_id: int, block: BlockState, pipeline: str) -> str:
        """Find the message with which a block failed."""
        selection = {"pipeline_run_id[]": run_id, "block_run_id[]": block.block_run_id}
        (logs,) = self.ask("GET", f"/api/pipelines/{pipeline}/logs", params=selection)["logs"]
        for log in logs["block_run_logs"]:
            if message := error_in(log["content"]):
                return message
        return "Mage's log of the block holds no message"

    def ask(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:
        """Send a request to Mage's interface and return the response's document.

        Raises
        ------
        MageAwayError
            If Mage cannot be reached.
        PipelineRunError
            If it refuses.
        """
        try:
            response = self._http.request(method, path, **arguments)
            response.raise_for_status()
            document: dict[str, Any] = response.json()
        except httpx.TransportError as error:
            raise MageAwayError(f"Mage at {self._http.base_url} cannot be reached: {error}") from error
        except (httpx.HTTPError, ValueError) as error:
            raise PipelineRunError(f"Mage at {self._http.base_url} does not answer {path}: {error}") from error
        if problem := document.get("error"):
            raise PipelineRunError(f"Mage refuses {method} {path}: {problem.get('message', problem)}")
        return document
