"""``python -m dtc_dashboard``: the commands behind ``make dashboard_user``."""

from dtc_dashboard.commands import main

main(prog_name="python -m dtc_dashboard")
