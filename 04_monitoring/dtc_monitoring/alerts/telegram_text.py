"""How a text looks in Telegram: entities instead of a parse mode, so that no name is ever taken for markup."""

from telegram import MessageEntity

from dtc_monitoring.alerts.messages import HEADINGS


def entities(text: str) -> list[MessageEntity]:
    """Make the first line and the headings of a text bold; Telegram counts in UTF-16 code units."""
    found, offset = [], 0
    for number, line in enumerate(text.split("\n")):
        length = len(line.encode("utf-16-le")) // 2
        if length and (number == 0 or line in HEADINGS):
            found.append(MessageEntity(MessageEntity.BOLD, offset, length))
        offset += length + 1
    return found
