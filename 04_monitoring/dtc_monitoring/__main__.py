"""``python -m dtc_monitoring``: the history of the waves, and the bot."""

from dtc_monitoring.commands import main

main(prog_name="python -m dtc_monitoring")
