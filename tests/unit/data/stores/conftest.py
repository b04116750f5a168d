"""A planted retailer that several tests read."""

from pathlib import Path

import pytest
from dtc_data.stores import RetailTables
from fakes.corner_shop import Shop
from fakes.retail import planted


@pytest.fixture(scope="session")
def planted_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with ``files`` as delivered and ``tables`` as read."""
    folder = tmp_path_factory.mktemp("planted")
    planted(folder)
    return folder


@pytest.fixture(scope="session")
def planted_tables(planted_folder: Path) -> RetailTables:
    """Its tables."""
    return RetailTables.in_folder(planted_folder / "tables")


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """A small retailer's files in a folder that can be read."""
    return Shop(tmp_path)
