"""Respondents who come again in a month they have answered in already, with the same answers at another time.

A wave that is exported twice, with the time of the export in place of the answer's, would otherwise count everybody twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Table,
    Text,
    and_,
    cast,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    union_all,
)

from dtc_data.core import Wave
from dtc_data.tables.statements import month_of, same_unit, within

NAMELESS: Final = "^[0-9]{4}-[0-9]{2}-[0-9a-f]{20}$"
"""Ids that were made from date and answers (`dtc_data.surveys.unit_ids.derived_ids`), since the file named nobody."""

HALF: Final = 0.5
"""Nameless respondents are taken for a repetition if each finds a like one in the wave and there are at least this many of
them for each one in it. Some people answer alike, but hardly half a wave of them, one for one."""


@dataclass(frozen=True)
class Repeats:
    """Incoming respondents who would count twice in a wave."""

    total: int
    words: str
    """Says who and when, as the beginning of a sentence."""


def find_repeats(connection: Connection, table: Table, incoming: Table, features: Sequence[str]) -> Repeats | None:
    """Look for incoming respondents who gave the same answers at another time of the same month; None if there are none.

    Respondents who are in the table already, at the same time, are not repeats.
    """
    new = _new(table, incoming, features)
    stored = _stored(table, incoming, features)
    if repeats := _repeated_people(connection, new, stored, features):
        return repeats
    if wave := connection.execute(_same_waves(new, stored, features)).first():
        month = Wave(wave.month.year, wave.month.month)
        return Repeats(
            int(wave.units),
            f"{_respondents(wave.units)} of wave {month} came without ids, and with the same answers, one for one, as "
            "respondents who are in the wave at another time",
        )
    return None


def find_repeats_within(
    connection: Connection, table: Table, waves: Sequence[Wave], features: Sequence[str]
) -> Repeats | None:
    """Look for respondents of some months, all of them just arrived, who gave the same answers twice in one of them."""
    of_waves = or_(false(), *(within(table, wave) for wave in waves))
    new = _answers(table, features).where(of_waves).cte("new")
    return _repeated_people(connection, new, _answers(table, features).where(false()).cte("stored"), features)


def _repeated_people(connection: Connection, new: CTE, stored: CTE, features: Sequence[str]) -> Repeats | None:
    person = connection.execute(_same_people(new, stored, features)).first()
    if person is None:
        return None
    return Repeats(
        person.total,
        f"{_respondents(person.total)} gave the same answers at another time of the same month: {person.unit_id!r} "
        f"on {person.other:%Y-%m-%d %H:%M} and on {person.date:%Y-%m-%d %H:%M} (UTC)",
    )


def _respondents(count: int) -> str:
    return f"{count} respondent{'' if count == 1 else 's'}"


def _new(table: Table, incoming: Table, features: Sequence[str]) -> CTE:
    """Select the incoming respondents who are not in the table yet."""
    known = select(1).where(same_unit(table, incoming)).exists()
    return _answers(incoming, features).where(not_(known)).cte("new")


def _stored(table: Table, incoming: Table, features: Sequence[str]) -> CTE:
    """Select who is in the table in the months of the incoming respondents."""
    months = select(month_of(incoming.c.date)).distinct()
    return _answers(table, features).where(month_of(table.c.date).in_(months)).cte("stored")


def _answers(table: Table, features: Sequence[str]) -> Select[Any]:
    columns = (table.c[name] for name in features)
    return select(table.c.unit_id, table.c.date, month_of(table.c.date).label("month"), *columns)


def _same_people(new: CTE, stored: CTE, features: Sequence[str]) -> Select[Any]:
    """Select the first respondent who repeats the answers, with both times, and how many do; within a file the later one."""
    other = union_all(select(stored, literal(1).label("is_stored")), select(new, literal(0))).subquery("other")
    pair = (
        select(new.c.unit_id, new.c.date, func.min(other.c.date).label("other"))
        .join(other, and_(other.c.unit_id == new.c.unit_id, other.c.month == new.c.month))
        .where(or_(other.c.date < new.c.date, and_(other.c.date > new.c.date, other.c.is_stored == 1)))
        .where(_row(other, features).is_not_distinct_from(_row(new, features)))
        .group_by(new.c.unit_id, new.c.date)
        .subquery("pair")
    )
    return select(pair, func.count().over().label("total")).order_by(pair.c.date, pair.c.unit_id).limit(1)


def _same_waves(new: CTE, stored: CTE, features: Sequence[str]) -> Select[Any]:
    """Select the first month whose new nameless respondents all repeat stored ones, and how many they are."""
    counts, before = (_nameless(respondents, features) for respondents in (new, stored))
    in_wave = (
        select(before.c.month, func.sum(before.c.units).label("units")).group_by(before.c.month).subquery("in_wave")
    )
    units = func.sum(counts.c.units)
    return (
        select(counts.c.month, units.label("units"))
        .join(before, and_(before.c.month == counts.c.month, before.c.answers == counts.c.answers), isouter=True)
        .join(in_wave, in_wave.c.month == counts.c.month)
        .group_by(counts.c.month, in_wave.c.units)
        .having(func.bool_and(counts.c.units <= func.coalesce(before.c.units, 0)), units >= HALF * in_wave.c.units)
        .order_by(counts.c.month)
        .limit(1)
    )


def _nameless(respondents: CTE, features: Sequence[str]) -> FromClause:
    """Count the respondents without ids by month and answers."""
    # The text of all answers, since a group of hundreds of columns, or a join over gaps, would take far longer.
    answers = func.md5(cast(_row(respondents, features), Text)).label("answers")
    return (
        select(respondents.c.month, answers, func.count().label("units"))
        .where(respondents.c.unit_id.regexp_match(NAMELESS))
        .group_by(respondents.c.month, answers)
        .subquery()
    )


def _row(respondents: FromClause, features: Sequence[str]) -> ColumnElement[Any]:
    return func.row(*(respondents.c[name] for name in features))
