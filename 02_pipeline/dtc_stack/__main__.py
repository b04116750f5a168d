"""``python -m dtc_stack``: the commands behind the make targets."""

from dtc_stack.commands import main

main()
