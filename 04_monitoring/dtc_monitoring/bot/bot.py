"""The bot that lets one chat decide: it asks Telegram for updates, one long question after the other.

An update is confirmed only once it has been dealt with. A bot that is killed in between gets it again after its restart;
decisions that were made already are then answered as such and not made twice.
"""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, TypeVar

import stamina
import structlog
from dtc_data.core import SettingsError
from telegram import Bot, Update, User
from telegram.error import Conflict, Forbidden, InvalidToken
from telegram.request import HTTPXRequest

from dtc_monitoring.alerts import (
    TIMEOUT_SECONDS,
    UNDELIVERED,
    TelegramStore,
    asked_wait_seconds,
    hidden_in_logs,
    in_words,
    insist,
    move_notice,
    send_kept_alerts,
    send_text,
)
from dtc_monitoring.bot.bot_replies import Desk
from dtc_monitoring.bot.counter import Reply
from dtc_monitoring.bot.daemon_thread import in_daemon_thread
from dtc_monitoring.bot.reading_updates import AskingRequest
from dtc_monitoring.bot.single_instance import only_one_bot
from dtc_monitoring.bot.updates import ALLOWED, Asked, moved_to, read_update
from dtc_monitoring.settings import TelegramSettings

LONG_POLL_SECONDS: Final = 25
"""How long Telegram may keep a question open until there is an update."""
LONGEST_TOAST: Final = 200
"""Most characters of the answer that a press gets at once."""
KEPT_EVERY_SECONDS: Final = 20.0
"""How often the bot looks for alerts that could not be delivered and are due."""
LAST_SECONDS: Final = 3.0
"""Once told to stop, how long the answer at hand may take, and then telling Telegram what was dealt with."""

_log = structlog.get_logger()
_Result = TypeVar("_Result")


@dataclass
class SegmentBot:
    """Serves one chat until it is told to stop.

    Parameters
    ----------
    settings : TelegramSettings
        The bot and the chat.
    open_desk : callable
        Gives who answers; called for each question, since MLflow's client asks a server that it once reached for minutes.
    first_wait_seconds, longest_wait_seconds : float
        Waits between two attempts while Telegram cannot be reached, the first one and the longest.
    store : TelegramStore, optional
        Knows where the chat has gone, and keeps alerts that the bot sends when they are due.
    """

    settings: TelegramSettings
    open_desk: Callable[[], Desk]
    first_wait_seconds: float = 1.0
    longest_wait_seconds: float = 60.0
    poll_seconds: int = LONG_POLL_SECONDS
    store: TelegramStore | None = None
    kept_every_seconds: float = KEPT_EVERY_SECONDS
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _offset: int = 0
    """The first update that has not been dealt with."""
    _moved_to: str = ""
    """The chat's new id, if this bot was told of one."""

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT.

        Raises
        ------
        SettingsError
            If Telegram is off, or does not accept the token.
        BotRunsAlreadyError
            If a bot with this token runs on this machine.
        """
        if reason := self.settings.off_reason:
            raise SettingsError(f"{reason}. The bot needs both; docs/alerts.md says how to get them")
        with only_one_bot(self._token), hidden_in_logs(self._token):
            asyncio.run(self._run_until_signal())

    def stop(self) -> None:
        """Stop after the update at hand; to be called from the event loop."""
        self._stop.set()

    async def serve(self) -> None:
        """Serve until `stop`."""
        asking = AskingRequest(
            read_timeout=TIMEOUT_SECONDS
        )  # on top of the time that Telegram may keep a question open
        async with HTTPXRequest() as request, asking:
            url = f"{self.settings.telegram_api_url}/bot"
            bot = Bot(self._token, url, request=request, get_updates_request=asking)
            myself = await self._patiently(bot.get_me)
            if myself is not None:
                _log.info("the bot listens", bot=myself.username)
                sending = asyncio.ensure_future(self._send_kept())
                try:
                    await self._listen(bot, myself)
                finally:
                    sending.cancel()

    async def _run_until_signal(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        await self.serve()

    async def _listen(self, bot: Bot, myself: User) -> None:
        while (updates := await self._patiently(lambda: self._ask(bot, self.poll_seconds))) is not None:
            for update in updates:
                if self._stop.is_set() or not await self._deal_in_time(bot, myself, update):
                    break
                self._offset = update.update_id + 1
        with suppress(
            *UNDELIVERED, TimeoutError
        ):  # confirms what was dealt with; if it fails, those updates come again
            await asyncio.wait_for(self._ask(bot, 0), LAST_SECONDS)

    async def _deal_in_time(self, bot: Bot, myself: User, update: Update) -> bool:
        """Deal with an update; False if the bot has to stop before that ends."""
        dealing = asyncio.ensure_future(self._deal_with(bot, myself, update))
        stopping = asyncio.ensure_future(self._stop.wait())
        await asyncio.wait({dealing, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        await asyncio.wait({dealing}, timeout=LAST_SECONDS)
        if dealing.cancel():
            await asyncio.wait({dealing})
            _log.warning("stopped before the answer was there: Telegram will ask again", update_id=update.update_id)
            return False
        if (error := dealing.exception()) is not None:  # the same update again would end the same way
            _log.error("an update could not be dealt with", update_id=update.update_id, exc_info=error)
        return True

    async def _ask(self, bot: Bot, wait_seconds: int) -> tuple[Update, ...]:
        return await bot.get_updates(self._offset, timeout=wait_seconds, allowed_updates=ALLOWED)

    async def _deal_with(self, bot: Bot, myself: User, update: Update) -> None:
        chats = await in_daemon_thread(self._chats)
        if new := moved_to(update, chats):
            await self._follow(bot, new)
        asked = read_update(update, chats, myself.username or "")
        if asked is None:
            return
        reply = await in_daemon_thread(lambda: self._reply(asked))
        _log.info("the bot answered", command=asked.command, press=asked.press, by=asked.by)
        if asked.query_id is not None:
            await self._end_press(bot, asked, reply)
        if reply is not None:
            await self._say(lambda: send_text(bot, asked.chat_id, reply.text, reply.buttons))

    def _chats(self) -> set[str]:
        """Return the ids by which the chat that may decide is known: the setting's, and the one that it has since."""
        configured = self.settings.chat_id or ""
        remembered = self.store.chat(configured) if self.store else configured
        return {configured, remembered, self._moved_to or configured}

    async def _follow(self, bot: Bot, new: str) -> None:
        """Remember the chat's new id, and say so in it unless that was done."""
        configured, store = self.settings.chat_id or "", self.store
        self._moved_to = new
        _log.warning("the chat has a new id", chat_id=configured, moved_to=new)
        if store is None or await in_daemon_thread(lambda: store.remember_move(configured, new)):
            await self._say(lambda: send_text(bot, new, move_notice(configured, new)))

    async def _send_kept(self) -> None:
        """Send the alerts that are due, now and then, until cancelled."""
        while (store := self.store) is not None:
            try:
                await in_daemon_thread(lambda: send_kept_alerts(self.settings, store))
            except Exception:  # noqa: BLE001 - the next time may succeed, and the bot has other duties
                _log.exception("alerts that were kept could not be sent")
            await asyncio.sleep(self.kept_every_seconds)

    def _reply(self, asked: Asked) -> Reply | None:
        if asked.press is not None:
            return self.open_desk().press(asked.press, asked.by)
        return self.open_desk().command(asked.command, asked.argument) if asked.command else None

    async def _end_press(self, bot: Bot, asked: Asked, reply: Reply | None) -> None:
        """Stop the button's clock, and take the buttons away once they have done their duty."""
        words = reply.text if reply else "This button is not one of this bot's."
        toast = words if len(words) <= LONGEST_TOAST else f"{words[: LONGEST_TOAST - 1]}…"
        with suppress(*UNDELIVERED):  # a press that waited for a restart is too old for it
            await bot.answer_callback_query(asked.query_id or "", toast)
        if reply is not None and reply.settled and asked.message_id is not None:
            with suppress(*UNDELIVERED):  # they are gone already after a repeated press
                await bot.edit_message_reply_markup(chat_id=asked.chat_id, message_id=asked.message_id)

    async def _say(self, call: Callable[[], Awaitable[object]]) -> None:
        try:
            await insist(call)
        except UNDELIVERED as error:
            _log.error("an answer of the bot was not delivered", reason=self._in_words(error))

    async def _patiently(self, call: Callable[[], Awaitable[_Result]]) -> _Result | None:
        """Make a call until it succeeds; None if told to stop meanwhile.

        Raises
        ------
        SettingsError
            If trying again cannot help.
        """
        calling = asyncio.ensure_future(self._until_it_succeeds(call))
        stopping = asyncio.ensure_future(self._stop.wait())
        await asyncio.wait({calling, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not calling.done():
            calling.cancel()
            await asyncio.wait({calling})  # its connection is closed when it has ended
            return None
        return calling.result()

    async def _until_it_succeeds(self, call: Callable[[], Awaitable[_Result]]) -> _Result:
        retries = stamina.retry_context(
            self._wait_before_retry,
            attempts=None,
            timeout=None,
            wait_initial=self.first_wait_seconds,
            wait_max=self.longest_wait_seconds,
            wait_jitter=self.first_wait_seconds,
        )
        try:
            async for attempt in retries:
                with attempt:
                    return await call()
        except (InvalidToken, Forbidden) as error:
            raise SettingsError(self._in_words(error)) from None  # the error itself may hold the token
        raise AssertionError("unreachable: the attempts have no end")

    def _wait_before_retry(self, error: Exception) -> bool | float:
        if isinstance(error, (InvalidToken, Forbidden)) or not isinstance(error, UNDELIVERED):
            return False
        _log.warning("Telegram cannot be asked", reason=self._in_words(error))
        if isinstance(error, Conflict):
            return self.longest_wait_seconds / 2
        return asked_wait_seconds(error) or True

    def _in_words(self, error: Exception) -> str:
        return in_words(error, self.settings).replace(self._token, "<BOT_TOKEN>")

    @property
    def _token(self) -> str:
        return self.settings.bot_token.get_secret_value() if self.settings.bot_token else ""
