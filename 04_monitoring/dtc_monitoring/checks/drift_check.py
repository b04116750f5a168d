"""A drift check as it is kept, shown and passed from step to step."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Self

from dtc_data import Wave
from dtc_data.tables import Withdrawal, withdrawn_since

from dtc_monitoring.verdict import DriftVerdict

BESIDE: Final = ("season", "newcomers", "moves")
"""Entries of a check that are told next to its verdict; each has ``words``."""
ROWS_AS_OF: Final = "rows_as_of"
"""Entry of a stored verdict that tells when the rows were loaded on which it rests."""


@dataclass(frozen=True)
class DriftCheck:
    """One check: its verdict, what was compared, when, and where its report lies."""

    run_id: str
    """The pipeline run that made the check."""
    model_name: str
    """The registered model whose personas are watched."""
    reference_wave: Wave
    current_wave: Wave
    checked_at: datetime
    mlflow_run_id: str
    report_url: str
    verdict: DriftVerdict
    beside: Mapping[str, Any] = field(default_factory=dict)
    """What is told next to the verdict, see `dtc_monitoring.checks.beside_verdict`; it decides nothing."""
    rows_as_of: datetime | None = None
    """When the respondents were loaded, or a moment before, which is earlier than the check; not known of old checks."""

    def rests_on(self, withdrawals: Iterable[Withdrawal]) -> bool:
        """Tell whether either wave was withdrawn after its respondents were loaded for the check."""
        waves = self.reference_wave, self.current_wave
        return withdrawn_since(withdrawals, waves, self.rows_as_of or self.checked_at)

    def to_dict(self) -> dict[str, Any]:
        """Return the check as plain JSON types, the verdict's entries and ``drifted_columns`` besides its own."""
        return {
            "run_id": self.run_id,
            "model_name": self.model_name,
            "reference_wave": str(self.reference_wave),
            "current_wave": str(self.current_wave),
            "checked_at": self.checked_at.isoformat(),
            "mlflow_run_id": self.mlflow_run_id,
            "report_url": self.report_url,
            "drifted_columns": list(self.verdict.drifted_columns),
            **self.verdict.to_dict(),
            **self.beside,
            **({ROWS_AS_OF: self.rows_as_of.isoformat()} if self.rows_as_of else {}),
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """Read a check back from what `to_dict` gave."""
        return cls(
            run_id=document["run_id"],
            model_name=document["model_name"],
            reference_wave=Wave.parse(document["reference_wave"]),
            current_wave=Wave.parse(document["current_wave"]),
            checked_at=datetime.fromisoformat(document["checked_at"]),
            mlflow_run_id=document["mlflow_run_id"],
            report_url=document["report_url"],
            verdict=DriftVerdict.from_dict(document),
            beside={name: document[name] for name in BESIDE if name in document},
            rows_as_of=datetime.fromisoformat(document[ROWS_AS_OF]) if document.get(ROWS_AS_OF) else None,
        )
