"""``python -m dtc_service``: the commands behind ``make label`` and ``make predict``."""

from dtc_service.commands import main

main(prog_name="python -m dtc_service")
