"""Files that people send are read in a process of their own; nothing else that the pages ask is up, but the catalogue and the service."""

# ruff: noqa: F401 - fixtures, which pytest finds here

from fakes.shopper_pages import app, catalogue_file, client, shoppers, sources
