"""``python -m dtc_monitoring``: the commands of this room."""

from dtc_monitoring.commands import main

main(prog_name="python -m dtc_monitoring")
