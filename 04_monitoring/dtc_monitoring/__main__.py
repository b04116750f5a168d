"""``python -m dtc_monitoring``: what the waves so far have shown."""

from dtc_monitoring.commands import main

main(prog_name="python -m dtc_monitoring")
