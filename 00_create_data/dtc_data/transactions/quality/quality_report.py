"""What was found in a file of transactions, for people and for programs."""

from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from typing import Any

from dtc_data.transactions.quality.line_rules import Treatment


@dataclass(frozen=True)
class Problem:
    """What was found by one rule."""

    name: str
    treatment: Treatment
    done: str
    """What was done about it."""
    counted: str
    """What ``count`` counts: lines, orders or customers."""
    count: int
    lines: int
    share_of_revenue: float
    """Amounts of its lines as a share of the file's revenue; of money given back, likewise."""
    first_places: tuple[int, ...]
    """Where its first lines are in the file."""

    @property
    def counted_in_words(self) -> str:
        """The count, such as ``1 order`` or ``1,200 lines``."""
        return _counted(self.count, self.counted)


@dataclass(frozen=True)
class PlainFigures:
    """What plain cleaning leaves: known customer, not cancelled, quantity and price above 0."""

    lines: int
    customers: int


@dataclass(frozen=True)
class QualityReport:
    """What a file of transactions holds, what is wrong with it, and what was done about it."""

    source: str
    place: str
    """What the file's lines are called: line or row."""
    layout: str
    time_zone: str | None
    currency: str | None
    note: str
    lines: int
    """Lines that came."""
    kept_lines: int
    """Lines that count."""
    customers: int
    orders: int
    """Orders with a line that counts, cancelled later or not."""
    revenue: float
    """Sum of all amounts above 0 that are not cancellations: the whole of the shares."""
    net_amount: float
    """Sum of the lines that count, cancellations taken off."""
    first_ordered_at: datetime
    last_ordered_at: datetime
    problems: tuple[Problem, ...]
    plain: PlainFigures

    def __getitem__(self, name: str) -> Problem:
        """Return what was found by the rule of a name."""
        return next(problem for problem in self.problems if problem.name == name)

    @property
    def found(self) -> tuple[Problem, ...]:
        """Problems that the file has."""
        return tuple(problem for problem in self.problems if problem.count)

    def to_dict(self) -> dict[str, Any]:
        """Return the report for programs: numbers, texts, lists and mappings only."""
        moments = {
            name: moment.isoformat()
            for name, moment in (("first_ordered_at", self.first_ordered_at), ("last_ordered_at", self.last_ordered_at))
        }
        problems = [asdict(problem) | {"first_places": list(problem.first_places)} for problem in self.problems]
        return asdict(self) | moments | {"problems": problems}

    def to_text(self) -> str:
        """Return the report for a terminal."""
        rows = [
            ("problem", "count", "lines", "revenue", "treatment", f"first {self.place}s"),
            *(
                (
                    problem.name,
                    problem.counted_in_words,
                    f"{problem.lines:,}",
                    f"{problem.share_of_revenue:.1%}",
                    str(problem.treatment),
                    ", ".join(map(str, problem.first_places)),
                )
                for problem in self.found
            ),
        ]
        if not self.found:
            return "\n".join((*self.sentences(), "", "No problems were found."))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        table = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)
        return "\n".join((*self.sentences(), "", *table))

    def sentences(self) -> list[str]:
        """Say what the file holds."""
        currency = self.currency or "of no declared currency"
        span = (
            f"from {self.first_ordered_at:%Y-%m-%d} to {self.last_ordered_at:%Y-%m-%d}" if self.first_ordered_at else ""
        )
        zone = self.time_zone or "given by each time"
        came = f"{self.source}: {_counted(self.lines, 'lines')} {span}, read as {self.layout}; time zone {zone}."
        verb = "counts" if self.kept_lines == 1 else "count"
        counts = (
            f"{_counted(self.kept_lines, 'lines')} {verb}: {_counted(self.customers, 'customers')}, {_counted(self.orders, 'orders')}, "
            f"{self.net_amount:,.2f} {currency} net of cancellations, of a revenue of {self.revenue:,.2f}."
        )
        plain = (
            "Plain cleaning (known customer, not cancelled, quantity and price above 0) would leave "
            f"{_counted(self.plain.lines, 'lines')} of {_counted(self.plain.customers, 'customers')}."
        )
        return [came, counts, plain, *([self.note] if self.note else [])]

    def to_html(self) -> str:
        """Return the report as one page that needs neither internet nor scripts."""
        return str(_template().render(report=self))


def _counted(count: int, plural: str) -> str:
    return f"{count:,} {plural.removesuffix('s') if count == 1 else plural}"


@cache
def _template() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - only pages need it

    environment = Environment(
        loader=PackageLoader("dtc_data.transactions.quality"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("quality.html.j2")
