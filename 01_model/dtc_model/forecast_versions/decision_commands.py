"""The commands by which a person decides on versions of a forecast: ``make forecast_versions``, ``promote_forecast``, ``reject_forecast``."""

import json
from typing import TYPE_CHECKING, Final

import click
from dtc_data.core import DtcCommand, PostgresSettings, read_settings
from rich.console import Console
from rich.table import Table

from dtc_model.settings import MlflowSettings

if TYPE_CHECKING:
    from dtc_model.forecast_versions.forecast_decisions import ForecastDecisions

MODEL: Final = "customer_churn"

_model = click.option("--model", default=MODEL, show_default=True, help="The registered forecast.")
_by = click.option("--by", default="", help="Who decides.")
_why = click.option("--why", default="", help="The reason; it is recorded.")


@click.command("forecast-versions", cls=DtcCommand)
@_model
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def forecast_versions_command(model: str, *, as_json: bool) -> None:
    """List the versions of a forecast, what the gate found and who decided what."""
    decisions = _open(model)
    production, history = decisions.registry.production_or_none(), decisions.history()
    listed = decisions.registry.versions()
    if as_json:
        click.echo(json.dumps(listed, ensure_ascii=False, indent=2))
        return
    table = Table("version", "state", "candidate", "AUC", "gate", "last decision", title=model)
    for found in listed:
        number = found["version"]
        own = [str(decision) for decision in history if decision.version == number]
        objections = [one["words"].rstrip(".") for one in found["gate"] if not one["passes"]]
        table.add_row(
            number,
            "production" if number == production else "was in production" if found["promoted"] else "candidate",
            found["candidate"],
            f"{found['figures']['auc']:.3f}" if "auc" in found["figures"] else "",
            f"stopped it: {'; '.join(objections)}" if objections else "passed",
            own[-1] if own else "",
        )
    Console(highlight=False).print(table, markup=False)


@click.command("promote-forecast", cls=DtcCommand)
@click.argument("version")
@_by
@_why
@_model
def promote_forecast(version: str, by: str, why: str, model: str) -> None:
    """Put VERSION of a forecast into production."""
    click.echo(str(_open(model).promote(version, by, why)))


@click.command("reject-forecast", cls=DtcCommand)
@click.argument("version")
@_by
@_why
@_model
def reject_forecast(version: str, by: str, why: str, model: str) -> None:
    """Refuse VERSION of a forecast for good."""
    click.echo(str(_open(model).reject(version, by, why)))


def _open(model: str) -> "ForecastDecisions":
    # MLflow and SQLAlchemy take seconds to import; --help should not.
    from dtc_data.tables import make_engine  # noqa: PLC0415

    from dtc_model.forecast_versions.forecast_decisions import ForecastDecisions  # noqa: PLC0415
    from dtc_model.forecast_versions.forecast_registry import ForecastRegistry  # noqa: PLC0415

    registry = ForecastRegistry(read_settings(MlflowSettings).tracking_uri, model)
    return ForecastDecisions(registry, make_engine(read_settings(PostgresSettings)))
