"""``python -m dtc_model``: the command that puts the catalogue into production."""

from dtc_model.commands import main

main(prog_name="python -m dtc_model")
