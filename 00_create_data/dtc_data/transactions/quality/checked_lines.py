"""The lines of one file in a DuckDB database on disk, judged by the rules as sets, so that a file may exceed memory."""

from collections.abc import Iterator
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Final, Self

import pandas as pd
import pyarrow as pa

from dtc_data.core import TransactionsError
from dtc_data.transactions.files import LineFile
from dtc_data.transactions.line_database import line_database
from dtc_data.transactions.quality import judging_sql
from dtc_data.transactions.quality.line_rules import MISSING_CUSTOMER, RULES, Treatment
from dtc_data.transactions.quality.quality_report import PlainFigures, Problem, QualityReport

FIRST_PLACES: Final = 5
"""Lines that are named for each problem."""
ROWS_PER_BATCH: Final = 100_000
"""Lines that are handed on at a time."""


class CheckedLines:
    """Where the lines of one file are gathered and judged; a context manager that leaves nothing behind."""

    def __init__(self, file: LineFile) -> None:
        self._file = file

    def __enter__(self) -> Self:
        self._stack = ExitStack()
        self._database = self._stack.enter_context(line_database(on_disk=True))
        self._database.execute(judging_sql.CAME)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.close()

    def add(self, lines: pd.DataFrame) -> None:
        """Gather lines as `dtc_data.transactions.files.read_cells` returns them."""
        self._insert("came", lines)

    def _insert(self, table: str, frame: pd.DataFrame) -> None:
        self._database.register("block", pa.Table.from_pandas(frame, preserve_index=False))
        self._database.execute(f"INSERT INTO {table} BY NAME SELECT * FROM block")  # noqa: S608 - the names are ours
        self._database.unregister("block")

    def apply_rules(self) -> QualityReport:
        """Judge all lines that were gathered.

        Raises
        ------
        TransactionsError
            If the file is refused for a problem that only shows when all lines are seen.
        """
        layout = self._file.layout
        self._database.execute("CREATE TABLE products (product_id VARCHAR, description VARCHAR, department VARCHAR)")
        if layout.products:
            self._insert("products", self._file.products())
        parameters = {
            "not_goods": [code.upper() for code in layout.not_goods],
            "by_measure": list(layout.sold_by_measure),
            "currency": layout.currency or self._row("SELECT min(currency) AS currency FROM came")["currency"],
            "drops_duplicates": layout.duplicates == "drop",
            "has_arrivals": layout.columns.arrived_at is not None,
        }
        self._database.execute(judging_sql.FACTS, parameters)
        for statement in ("DROP TABLE came", judging_sql.JUDGED, judging_sql.MATCHED, judging_sql.REPORTED):
            self._database.execute(statement)
        report = self._report()
        self._refuse(report)
        return report

    def _row(self, query: str) -> dict[str, Any]:
        """Return the first row of a query by column."""
        return dict(self._database.sql(query).to_arrow_table().slice(0, 1).to_pylist()[0])

    def _report(self) -> QualityReport:
        whole = self._row(judging_sql.SUMMARY)
        plain = PlainFigures(lines=whole.pop("plain_lines"), customers=whole.pop("plain_customers"))
        found = self._row(judging_sql.problems(FIRST_PLACES))
        revenue = whole["revenue"] or 1.0
        problems = tuple(
            Problem(
                name=rule.name,
                treatment=rule.treatment,
                done=rule.done,
                counted=rule.counted,
                count=found[f"count_{number}"],
                lines=found[f"lines_{number}"],
                share_of_revenue=found[f"money_{number}"] / revenue,
                first_places=tuple(found[f"places_{number}"] or ()),
            )
            for number, rule in enumerate(RULES)
        )
        layout = self._file.layout
        return QualityReport(
            source=self._file.path.name,
            place=self._file.place,
            layout=layout.name,
            time_zone=layout.time_zone,
            currency=layout.currency,
            note=layout.note,
            problems=problems,
            plain=plain,
            **whole,
        )

    def _refuse(self, report: QualityReport) -> None:
        """Refuse the file where a rule says so."""
        for problem in report.problems:
            if problem.treatment is Treatment.FILE_REFUSED and problem.count:
                raise TransactionsError(
                    f"{self._file.path}: nothing was ingested: {problem.name} ({problem.counted_in_words}, first on "
                    f"{report.place} {', '.join(map(str, problem.first_places))}); {problem.done}"
                )
        missing, most = report[MISSING_CUSTOMER], self._file.layout.most_revenue_without_customer
        if missing.share_of_revenue > most:
            raise TransactionsError(
                f"{self._file.path}: nothing was ingested: the customer is missing on {missing.counted_in_words} with "
                f"{missing.share_of_revenue:.1%} of the revenue, more than {most:.1%} "
                "(most_revenue_without_customer in the layout)"
            )

    def lines(self, *, plain: bool = False) -> pa.Table:
        """Return the lines that count, in the order of the file; or those that plain cleaning leaves."""
        # Without it DuckDB hands the sorted batches over in any order.
        self._database.execute("SET preserve_insertion_order = true")
        return self._database.sql(judging_sql.PLAIN if plain else judging_sql.KEPT).to_arrow_table()

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield all lines with what was judged about them, some at a time and in no order."""
        yield from self._database.sql("SELECT * FROM judged").to_arrow_reader(ROWS_PER_BATCH)
