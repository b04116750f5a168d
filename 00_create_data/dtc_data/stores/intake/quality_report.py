"""What a retailer's files hold that they should not, as text and as a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

from dtc_data.stores.intake.retail_layout import Treatment

SHOWN_ROWS: Final = 5
"""Rows that the report shows of each check that failed."""

_DONE: Final = {
    Treatment.REFUSE: "refused",
    Treatment.LEAVE_OUT: "left out",
    Treatment.BLANK: "value taken as missing",
    Treatment.KEEP: "kept",
}


@dataclass(frozen=True)
class CheckOutcome:
    """How many rows of a table broke one check."""

    table: str
    check: str
    sentence: str
    rows: int
    """Rows of the table."""
    failed: int
    treatment: Treatment
    first: tuple[Mapping[str, str], ...] = ()
    """The first rows that failed, as they stand in the file, with their position."""

    @property
    def name(self) -> str:
        """Name by which ``treatments`` in ``retail.yaml`` calls the check."""
        return f"{self.table}.{self.check}"

    @property
    def share(self) -> float:
        """Share of the table's rows that failed."""
        return self.failed / self.rows if self.rows else 0.0


@dataclass(frozen=True)
class QualityReport:
    """What was checked of a retailer's files, and what failed."""

    retailer: str
    rows: Mapping[str, int]
    """Rows of each table as delivered."""
    read: Mapping[str, int]
    """Rows of each table that were read."""
    outcomes: tuple[CheckOutcome, ...]
    """All checks, also those that nothing failed."""
    refuse_above: float
    remarks: tuple[str, ...] = ()

    @property
    def failed(self) -> tuple[CheckOutcome, ...]:
        """Checks that at least one row failed."""
        return tuple(outcome for outcome in self.outcomes if outcome.failed)

    @property
    def refusals(self) -> tuple[CheckOutcome, ...]:
        """Checks for which nothing may be read."""
        return tuple(outcome for outcome in self.failed if self._refuses(outcome))

    def _refuses(self, outcome: CheckOutcome) -> bool:
        if outcome.treatment is Treatment.REFUSE:
            return True
        return outcome.treatment is Treatment.LEAVE_OUT and outcome.share > self.refuse_above

    def done(self, outcome: CheckOutcome) -> str:
        """Say what was done about the rows that failed a check."""
        if not self._refuses(outcome):
            return _DONE[outcome.treatment]
        if outcome.treatment is Treatment.REFUSE:
            return _DONE[Treatment.REFUSE]
        return f"refused: more than {self.refuse_above:.1%} of the rows"

    def summary(self) -> list[str]:
        """Return the report in a few lines: rows, and a line for each check that failed."""
        lines = [f"{self.retailer}: {_counted(self.rows)}; read: {_counted(self.read)}", *self.remarks]
        return lines + [f"{one.name}: {one.failed:,} rows ({one.share:.2%}) {self.done(one)}" for one in self.failed]

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types: rows of each table, and each check that failed."""
        problems = [
            {
                "name": one.name,
                "required": one.sentence,
                "count": one.failed,
                "share_of_rows": one.share,
                "done": self.done(one),
            }
            for one in self.failed
        ]
        return {
            "retailer": self.retailer,
            "rows": dict(self.rows),
            "read": dict(self.read),
            "remarks": list(self.remarks),
            "checks": len(self.outcomes),
            "problems": problems,
        }

    def text(self) -> str:
        """Return the report as text."""
        lines = [f"{self.retailer}: {_counted(self.rows)}; read: {_counted(self.read)}", *self.remarks]
        lines.append(f"{len(self.outcomes)} checks, {len(self.failed)} of them failed by at least one row")
        for outcome in self.failed:
            lines.append(
                f"{outcome.name}: {outcome.failed:,} of {outcome.rows:,} rows ({outcome.share:.3%}) {self.done(outcome)}"
                f"; required: {outcome.sentence}"
            )
            lines.extend(f"    {', '.join(f'{name}={value}' for name, value in row.items())}" for row in outcome.first)
        return "\n".join(lines)

    def html(self) -> str:
        """Return the report as a page that needs nothing else."""
        remarks = "".join(f"<p>{escape(remark)}</p>" for remark in self.remarks)
        table = _html_table(
            ("check", "required", "failed", "of rows", "share", "what was done"),
            [
                (o.name, o.sentence, f"{o.failed:,}", f"{o.rows:,}", f"{o.share:.3%}", self.done(o) if o.failed else "")
                for o in sorted(self.outcomes, key=lambda outcome: -outcome.failed)
            ],
        )
        rows = "".join(f"<h2>{escape(o.name)}</h2>{_html_rows(o.first)}" for o in self.failed if o.first)
        return (
            f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Files of {escape(self.retailer)}</title>'
            f"<style>{_STYLE}</style><h1>Files of {escape(self.retailer)}</h1>"
            f"<p>Delivered: {escape(_counted(self.rows))}. Read: {escape(_counted(self.read))}.</p>{remarks}{table}{rows}</html>\n"
        )


_STYLE: Final = (
    "body{font:15px/1.5 system-ui,sans-serif;margin:2rem;max-width:75rem}table{border-collapse:collapse}"
    "td,th{border:1px solid #bbb;padding:.25rem .6rem;text-align:left}"
)


def _counted(rows: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} rows of {table}" for table, count in rows.items())


def _html_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    cells = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table>"


def _html_rows(rows: Sequence[Mapping[str, str]]) -> str:
    return _html_table(list(rows[0]), [list(row.values()) for row in rows])
