"""Settings of the stack as a whole; each room has its own beside these."""

from pathlib import Path
from typing import Annotated, Any, Literal

from dtc_dashboard.settings import DashboardSettings
from dtc_data.core import PostgresSettings, SegmentationSettings, SettingsError, read_settings
from dtc_model.settings import GateSettings, MlflowSettings, PromotionSettings, TrainingSettings
from dtc_monitoring.settings import DriftSettings, TelegramSettings
from dtc_service.settings import ServiceSettings
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from dtc_stack.databases import Database

PROJECT_FOLDER = Path(__file__).resolve().parents[2]
"""Top of the checkout. The local stack runs from a checkout; images hold the same folders at the same places."""

Port = Annotated[int, Field(ge=1, le=65535)]
Secret = Annotated[SecretStr, Field(min_length=1)]


class DatabaseSettings(BaseSettings):
    """Passwords of the superuser and of the two programs that keep their state in Postgres."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="forbid", frozen=True)

    postgres_admin_password: Secret
    mlflow_db_password: Secret
    mage_db_password: Secret


class MageSettings(BaseSettings):
    """Where Mage is and who logs in."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="forbid", frozen=True)

    bind_host: str = "127.0.0.1"
    mage_port: Port = 6789
    mage_public_url: str | None = None
    """Address that people open, where it is another than the one programs use."""
    mage_owner_email: str = "owner@localhost.localdomain"
    mage_owner_password: Secret

    @property
    def mage_url(self) -> str:
        """Address of Mage for programs."""
        return f"http://{self.bind_host}:{self.mage_port}"

    @property
    def mage_page(self) -> str:
        """Address of Mage for people."""
        return (self.mage_public_url or self.mage_url).rstrip("/")


class StateSettings(BaseSettings):
    """Where a run keeps what is not a database."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="forbid", frozen=True)

    state_folder: Path = PROJECT_FOLDER / ".local"
    """Data, logs and process files of the local stack; `make clean` deletes it."""


class StackSettings(DatabaseSettings, MageSettings, StateSettings):
    """Where the local stack's programs listen, where they keep their data, and the secrets between them."""

    mlflow_port: Port = 5050
    mage_jwt_secret: Secret


class ContainerSettings(BaseSettings):
    """What only the stack in containers has; the compose file reads these from `.env`."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="forbid", frozen=True)

    cloudbeaver_port: Port = 8978
    cloudbeaver_admin_password: Secret
    container_service_extra: Literal["service", "service-transactions"] = "service"
    """Packages in the image of the service; with transactions it is a quarter larger."""
    mlflow_more_hosts: str | None = None
    """Further names under which people reach MLflow; it refuses requests to any other."""


class CloudSettings(BaseSettings):
    """The bucket that Terraform makes; all of it optional."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="forbid", frozen=True)

    google_cloud_project: str | None = None
    gcp_region: str | None = None
    gcs_bucket_name: str | None = None
    google_application_credentials: Path | None = None

    @property
    def off_reason(self) -> str | None:
        """Say why cloud storage is off, or None if it is on."""
        if self.gcs_bucket_name is None:
            return "Google Cloud Storage is off: GCS_BUCKET_NAME not set. Model artifacts stay on this machine."
        return None


LOCAL_SETTINGS: tuple[type[BaseSettings], ...] = (
    PostgresSettings,
    StackSettings,
    MlflowSettings,
    TrainingSettings,
    GateSettings,
    PromotionSettings,
    DriftSettings,
    TelegramSettings,
    ServiceSettings,
    DashboardSettings,
    SegmentationSettings,
    CloudSettings,
)
"""The settings classes that a run on this machine reads."""
ALL_SETTINGS: tuple[type[BaseSettings], ...] = (*LOCAL_SETTINGS, ContainerSettings)
"""Every settings class of the product; together they are the keys that `.env` may hold."""


TAKEN_NAMES = frozenset({"postgres", "mlflow", "mage", "template0", "template1", "public", "none"})
"""Names of databases and roles that the customer data's may not have."""


def databases(customers: PostgresSettings, passwords: DatabaseSettings) -> tuple[Database, Database, Database]:
    """Return the three databases: customer data, MLflow's, Mage's.

    Raises
    ------
    SettingsError
        If the customer database or its role has a name that is taken by another part of the stack.
    """
    for setting, name in (("POSTGRES_USER", customers.user), ("POSTGRES_DBNAME", customers.dbname)):
        if name in TAKEN_NAMES or name.startswith("pg_"):
            raise SettingsError(
                f"{setting} is {name!r}, which PostgreSQL or another part of the stack uses: choose another"
            )
    return (
        Database(customers.dbname, customers.user, customers.password.get_secret_value()),
        Database("mlflow", "mlflow", passwords.mlflow_db_password.get_secret_value()),
        Database("mage", "mage", passwords.mage_db_password.get_secret_value()),
    )


def environment_names(settings: type[BaseSettings]) -> dict[str, Any]:
    """Return the fields of a settings class by the name of their environment variable."""
    prefix = settings.model_config.get("env_prefix", "")
    return {f"{prefix}{name}".upper(): field for name, field in settings.model_fields.items()}


def check_all_settings() -> None:
    """Read every settings class of the local stack once, so that a wrong setting is named before anything starts.

    Raises
    ------
    SettingsError
        If any setting is missing or wrong.
    """
    for settings in LOCAL_SETTINGS:
        read_settings(settings)
