"""What a feature probably is, by its answers or its typical answers; each guess says why."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from dtc_data.core import LONGEST_NAME, objection_to_feature

from dtc_service.delivery.catalogue_draft import DraftedFeature, rounded
from dtc_service.delivery.delivered_table import number_in, numbers_in

YES: Final = frozenset({"yes", "true", "y", "ja", "j", "oui", "si", "sí", "mentioned", "genannt"})
NO: Final = frozenset({"no", "false", "n", "nein", "non", "not mentioned", "nicht genannt"})
MISSING_CODES: Final = frozenset({-99.0, -9.0, -8.0, -1.0, 77.0, 88.0, 97.0, 98.0, 99.0, 997.0, 998.0, 999.0, 9999.0})
MISSING_WORDS: Final = frozenset(
    {"na", "n/a", "nan", "null", "-", ".", "refused", "don't know", "dont know", "dk", "keine angabe", "weiß nicht"}
)
FEWEST_VALUES: Final = 2
"""Where everybody answers alike, there is nothing to tell people apart by."""
MOST_GRADES: Final = 11
"""Whole numbers with no more different answers are grades."""
MOST_VALUES: Final = 20
"""A feature of text with more distinct values is not a category."""


def feature_names(titles: Sequence[str]) -> list[str]:
    """Return a name for each title that tables and requests can have, each once."""
    names: list[str] = []
    for number, title in enumerate(titles, start=1):
        plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
        name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[: LONGEST_NAME - 4].rstrip("_")
        if not name or name[0].isdigit() or objection_to_feature(name):
            name = f"q_{name}" if name else f"q{number}"
        names.append(f"{name}_{number}" if name in names else name)
    return names


def by_answers(name: str, column: str, cells: Sequence[str], question: str = "") -> DraftedFeature | None:
    """Guess a feature from the answers in a survey file; None if they are none that a rule could use."""
    entry: dict[str, Any] = {"name": name} | ({} if name == column else {"column": column})
    entry |= {"question": question} if question and question != column else {}
    words = sorted({cell for cell in cells if cell.lower() in MISSING_WORDS})
    given = [cell for cell in cells if cell and cell not in words]
    gaps: list[float | str] = list(words)
    numbers = numbers_in(given)
    if numbers is None:
        return _by_words(entry, given, gaps)
    codes = _missing_codes(numbers)
    gaps += sorted(codes)
    entry |= {"missing": gaps} if gaps else {}
    valid = [number for number in numbers if number not in codes]
    if len(set(valid)) < FEWEST_VALUES:
        return None
    low, high, said = min(valid), max(valid), _said_of(gaps)
    if set(valid) <= {0.0, 1.0}:
        return DraftedFeature(entry | {"type": "yes_no"}, f"only 0 and 1: yes or no{said}")
    if all(number.is_integer() for number in valid) and len(set(valid)) <= MOST_GRADES:
        grade = entry | {"type": "grade", "minimum": int(low), "maximum": int(high)}
        return DraftedFeature(grade, f"whole numbers from {low:g} to {high:g}: if the scale is longer, say so{said}")
    return DraftedFeature(
        entry, f"numbers from {low:g} to {high:g}: give minimum and maximum if there are limits{said}"
    )


def by_typical_answers(entry: dict[str, Any], typical: Sequence[float], cells: Sequence[str]) -> DraftedFeature:
    """Guess a feature from the typical answers of the segments."""
    if any(cell.endswith("%") for cell in cells) or all(0 <= value <= 1 for value in typical):
        return DraftedFeature(entry | {"type": "yes_no"}, "typical answers from 0 to 1: shares of yes, so yes or no")
    span = f"{min(typical):g} to {max(typical):g}"
    return DraftedFeature(entry, f"typical answers from {span}: say type, minimum and maximum if you know them")


def _by_words(entry: dict[str, Any], given: Sequence[str], gaps: list[float | str]) -> DraftedFeature | None:
    counts = Counter(given)
    entry |= {"missing": gaps} if gaps else {}
    if not FEWEST_VALUES <= len(counts) <= MOST_VALUES or len(counts) == len(given):
        return None
    said = _said_of(gaps)
    if all(value.lower() in YES | NO for value in counts):
        labels = {value: int(value.lower() in YES) for value in sorted(counts)}
        return DraftedFeature(entry | {"type": "yes_no", "labels": labels}, f"words for yes and no{said}")
    if any(number_in(value) is not None for value in counts):
        return None
    shares = {value: rounded(count / len(given)) for value, count in counts.most_common()}
    category = entry | {"type": "category", "values": shares}
    return DraftedFeature(category, f"words: a category; if they have an order, make it a grade{said}")


def _missing_codes(numbers: Sequence[float]) -> set[float]:
    """Return codes that stand far off the other answers, as 99 does beside 1 to 5."""
    others = set(numbers) - MISSING_CODES
    if not others or len(others) > MOST_GRADES or not all(number.is_integer() for number in others):
        return set()
    low, high = min(others), max(others)
    far = {number for number in set(numbers) & MISSING_CODES if number > high + MOST_GRADES or number < min(low, 0)}
    return far if high <= MOST_GRADES else set()


def _said_of(gaps: Sequence[float | str]) -> str:
    listed = ", ".join(f"{gap:g}" if isinstance(gap, float) else gap for gap in gaps)
    return f"; {listed} taken for a missing answer" if gaps else ""
