"""The SQL of the unit table, as statements that SQLAlchemy builds."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Delete,
    FromClause,
    Insert,
    Select,
    Table,
    Update,
    and_,
    case,
    delete,
    func,
    literal,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import distinct_on, insert

from dtc_data.core import EXTRA, SEGMENT, SURVEY_WEIGHT, Wave


def first_conflict(table: Table, incoming: Table, names: Sequence[str]) -> Select[Any]:
    """Find the first incoming unit who is in the table with another segment or other values in the named columns.

    Returns unit_id, date, the name of the first column that differs, and how many units differ in all.
    """
    differs = _differences(table, incoming, names)
    column = case(*((condition, literal(name)) for name, condition in differs.items())).label("column")
    return (
        select(incoming.c.unit_id, incoming.c.date, column, func.count().over().label("total"))
        .join(table, same_unit(table, incoming))
        .where(or_(*differs.values()))
        .order_by(incoming.c.date, incoming.c.unit_id)
        .limit(1)
    )


def count_new_and_different(table: Table, incoming: Table, names: Sequence[str]) -> Select[int, int]:
    """Count the incoming units who are not in the table, and those who are with something else, in one pass."""
    differs = or_(*_differences(table, incoming, names).values())
    is_new = table.c.unit_id.is_(None)
    new, different = func.count().filter(is_new), func.count().filter(not_(is_new), differs)
    both = incoming.outerjoin(table, same_unit(table, incoming))
    return select(new.label("new"), different.label("different")).select_from(both)


def _differences(table: Table, incoming: Table, names: Sequence[str]) -> dict[str, ColumnElement[bool]]:
    """Say for each column when an incoming unit differs from the one in the table."""
    # A segment that a model gave says nothing about what the vendor gave: nothing, or a model would not have.
    vendor_segment = case((table.c.model_version.is_(None), table.c.segment))
    stored: dict[str, ColumnElement[Any]] = {**{name: table.c[name] for name in names}, SEGMENT: vendor_segment}
    return {name: incoming.c[name].is_distinct_from(value) for name, value in stored.items()}


def first_twice(incoming: Table) -> Select[Any]:
    """Find an incoming unit who is there twice with the same date."""
    key = (incoming.c.unit_id, incoming.c.date)
    return select(*key).group_by(*key).having(func.count() > 1).limit(1)


def anybody_of(table: Table, wave: Wave) -> Select[Any]:
    """Find one unit of a month."""
    return select(table.c.date).where(within(table, wave)).limit(1)


def within(table: FromClause, wave: Wave) -> ColumnElement[bool]:
    """Tell whether a unit is of a month, the half-open range from its start to its end."""
    return and_(table.c.date >= wave.start, table.c.date < wave.end)


def first_half_weighted_wave(table: Table, incoming: Table) -> Select[Any]:
    """Find a month of incoming units in which some units have a weight and others have none.

    Returns its first moment, how many there are, and how many of them have no weight.
    """
    month = month_of(table.c.date).label("month")
    weightless = func.count().filter(table.c[SURVEY_WEIGHT].is_(None))
    return (
        select(month, func.count().label("units"), weightless.label("weightless"))
        .where(month.in_(select(month_of(incoming.c.date)).distinct()))
        .group_by(month)
        .having(weightless.not_in([0, func.count()]))
        .order_by(month)
        .limit(1)
    )


def insert_new(table: Table, incoming: Table) -> Insert:
    """Copy the incoming units who are not in the table yet."""
    names = [column.name for column in incoming.columns]
    return insert(table).from_select(names, select(incoming)).on_conflict_do_nothing()


def of_wave(table: Table, names: Sequence[str], wave: Wave, *conditions: ColumnElement[bool]) -> Select[Any]:
    """Select the units of a month for which conditions hold, ordered by date and unit_id."""
    return (
        select(*(table.c[name] for name in names))
        .where(within(table, wave), *conditions)
        .order_by(table.c.date, table.c.unit_id.collate("C"))  # "C" orders the same on every machine
    )


def with_text_beside(units: Select[Any], table: Table, beside: FromClause) -> Select[Any]:
    """Select the text that is known of each unit beside the table as well, NULL where there is none."""
    return units.add_columns(beside.c[EXTRA]).outerjoin_from(table, beside, same_unit(table, beside))


def delete_wave(table: Table, wave: Wave) -> Delete:
    """Delete the units of a month."""
    return delete(table).where(table.c.date >= wave.start, table.c.date < wave.end)


def newcomers(table: Table, wave: Wave, *conditions: ColumnElement[bool]) -> Select[Any]:
    """Select the units of a month for which conditions hold and that are in no earlier one."""
    earlier = table.alias("earlier")
    seen = select(earlier.c.unit_id).where(earlier.c.unit_id == table.c.unit_id, earlier.c.date < wave.start)
    return select(table.c.unit_id).where(within(table, wave), *conditions, not_(seen.exists())).distinct()


def months(table: Table) -> Select[Any]:
    """Select the first moments of the months in which there are units."""
    month = month_of(table.c.date)
    return select(month).distinct().order_by(month)


def months_labelled_by_others(table: Table, model_version: str) -> Select[Any]:
    """Select the first moments of the months in which another version of the model gave a segment."""
    by_another = table.c.model_version != model_version  # not true of the vendor's segments, which have no version
    return months(table).where(by_another)


def month_of(date: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the first moment of the month, in UTC and without a zone."""
    return func.date_trunc("month", func.timezone("UTC", date))


def transitions(table: Table) -> Select[Any]:
    """Count how units went from segment to segment, from one month to the next in which they have one.

    Returns from_segment, to_segment, the number of steps, and how many of them lie between labels of the same version.
    Whoever answered twice in a month counts with the later answers.
    """
    month = month_of(table.c.date).label("month")
    seen = (
        select(table.c.unit_id, month, table.c.segment, table.c.model_version)
        .ext(distinct_on(table.c.unit_id, month))
        .where(table.c.segment.is_not(None))
        .order_by(table.c.unit_id, month, table.c.date.desc())
        .subquery("seen")
    )
    step = select(
        _of_wave_before(seen, SEGMENT).label("from_segment"),
        seen.c.segment.label("to_segment"),
        seen.c.model_version.is_not_distinct_from(_of_wave_before(seen, "model_version")).label("same_version"),
    ).subquery("step")
    return (
        select(
            step.c.from_segment,
            step.c.to_segment,
            func.count().label("steps"),
            func.count().filter(step.c.same_version).label("same_version"),
        )
        .where(step.c.from_segment.is_not(None))
        .group_by(step.c.from_segment, step.c.to_segment)
        .order_by(step.c.from_segment, step.c.to_segment)
    )


def _of_wave_before(seen: FromClause, column: str) -> ColumnElement[Any]:
    return func.lag(seen.c[column]).over(partition_by=seen.c.unit_id, order_by=seen.c.month)


def first_stranger(table: Table, incoming: Table) -> Select[Any]:
    """Find an incoming label of nobody in the table."""
    known = select(1).where(same_unit(table, incoming)).exists()
    return select(incoming).where(not_(known)).order_by(incoming.c.date, incoming.c.unit_id).limit(1)


def count_strangers(table: Table, incoming: Table) -> Select[Any]:
    """Count who is in the table and not among the incoming, and who is incoming and not in the table."""
    known = select(1).where(same_unit(table, incoming)).correlate(table).exists()
    there = select(1).where(same_unit(table, incoming)).correlate(incoming).exists()
    others = select(func.count()).select_from(table).where(not_(known)).scalar_subquery()
    absent = select(func.count()).select_from(incoming).where(not_(there)).scalar_subquery()
    return select(others.label("others"), absent.label("absent"))


def set_labels(table: Table, incoming: Table, model_version: str) -> Update:
    """Set the incoming segments where segment or version change and the vendor gave none."""
    from_vendor = and_(table.c.model_version.is_(None), table.c.segment.is_not(None))
    is_new = or_(
        table.c.segment.is_distinct_from(incoming.c.segment), table.c.model_version.is_distinct_from(model_version)
    )
    return (
        update(table)
        .values(segment=incoming.c.segment, model_version=model_version, labelled_at=func.now())
        .where(same_unit(table, incoming), not_(from_vendor), is_new)
    )


def same_unit(table: FromClause, incoming: FromClause) -> ColumnElement[bool]:
    """Compare by the key of the unit table."""
    return and_(table.c.unit_id == incoming.c.unit_id, table.c.date == incoming.c.date)
