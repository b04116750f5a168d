"""The commands of this room: ``python -m dtc_dashboard COMMAND``."""

from pathlib import Path
from typing import cast

import click
from dtc_data.core import DtcCommand, DtcGroup, read_settings

from dtc_dashboard.access import ROLES, Role, write_user
from dtc_dashboard.errors import UsersFileError
from dtc_dashboard.settings import DashboardSettings


@click.group(cls=DtcGroup)
def main() -> None:
    """Pages for the people who decide."""


@main.command("add-user", cls=DtcCommand)
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default="viewer", show_default=True, help="What the user may do.")
@click.option(
    "--file",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file of users; DASHBOARD_USERS_FILE if left out.",
)
@click.password_option(help="Asked for without showing it if left out.")
def add_user(name: str, role: str, path: Path | None, password: str) -> None:
    """Let NAME log in, or give NAME another password or role; it counts at once."""
    path = path or read_settings(DashboardSettings).users_file
    if path is None:
        raise UsersFileError("there is no file of users: set DASHBOARD_USERS_FILE in .env, or name one with --file")
    known = write_user(path, name, cast(Role, role), password)
    click.echo(f"{name} {'now has a new password and' if known else 'may log in now and'} is {role}: {path}")
