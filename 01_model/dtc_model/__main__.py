"""``python -m dtc_model``: the commands that put the catalogue and later versions into production."""

from dtc_model.commands import main

main(prog_name="python -m dtc_model")
