"""Pages while nothing they ask is up, but the catalogue and, where a test wants it, the service."""

# ruff: noqa: F401 - fixtures, which pytest finds here

from fakes.shopper_pages import app, catalogue_file, client, shoppers, sources
