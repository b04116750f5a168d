"""Where people find the programs, whichever way the stack runs."""

from dtc_dashboard.settings import DashboardSettings
from dtc_data.core import read_settings
from dtc_model.settings import MlflowSettings
from dtc_service.settings import ServiceSettings

from dtc_stack.settings import MageSettings


def pages(mage: MageSettings) -> dict[str, str]:
    """Return the addresses that a person or a program outside the stack uses."""
    return {
        "pages": read_settings(DashboardSettings).page,
        "Mage": mage.mage_page,
        "MLflow": read_settings(MlflowSettings).page,
        "predictions": f"{read_settings(ServiceSettings).page}/docs",
    }


def login(mage: MageSettings) -> str:
    """Say how a person logs in to Mage, without the password itself: terminals are recorded."""
    return f"Mage login: {mage.mage_owner_email}, password: MAGE_OWNER_PASSWORD in .env"
