"""The bot in a thread, in front of a fake Telegram, and the buttons that its chat may press."""

import asyncio
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from dtc_monitoring.alerts import Action, Press, TelegramStore, model_key
from dtc_monitoring.bot import Counter, Desk, SegmentBot
from dtc_monitoring.settings import TelegramSettings
from fakes.decisions import FakeDecisions
from fakes.telegram import FakeTelegram
from fakes.waiting import PATIENCE_SECONDS


def bot_for(server: FakeTelegram, desk: Desk, store: TelegramStore | None = None, **changes: str) -> SegmentBot:
    """Make a bot that asks the fake server and waits little."""
    values = {"bot_token": server.token, "chat_id": server.chat_id, "telegram_api_url": server.base_url} | changes
    settings = TelegramSettings.model_validate(values)
    return SegmentBot(settings, lambda: desk, 0.01, 0.05, poll_seconds=5, store=store, kept_every_seconds=0.1)


def counter_of(decisions: FakeDecisions, name: str = "dtc_personas", title: str = "DTC personas") -> Counter:
    """Let the bot answer for a registry in memory."""
    return Counter(name, title, decisions, decisions, lambda target: f"make {target}")


@contextmanager
def listening(bot: SegmentBot) -> Iterator[None]:
    """Let the bot serve in a thread, and stop it as a signal would."""
    loops: queue.Queue[asyncio.AbstractEventLoop] = queue.Queue()

    async def serve() -> None:
        loops.put(asyncio.get_running_loop())
        await bot.serve()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    loop = loops.get(timeout=PATIENCE_SECONDS)
    try:
        yield
    finally:
        loop.call_soon_threadsafe(bot.stop)
        thread.join(PATIENCE_SECONDS)
        assert not thread.is_alive(), "the bot stops when it is told to"


def button(action: Action, version: str = "3", expected: str = "2", model: str = "persona_model") -> str:
    """Return what a button carries; by default one about the candidate of `FakeDecisions`."""
    return Press(action, version, expected, model_key(model)).to_data()


APPROVE, REJECT = button(Action.APPROVE), button(Action.REJECT)
