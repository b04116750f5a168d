"""Customers as numbers, as a file between two stages."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from dtc_data.core import SettingsError
from dtc_data.customers.preprocessing import CUSTOMER_ID, LEFT, PART


def is_flat_file(path: str | Path) -> bool:
    """Return whether a file holds customers as `dtc_data.customers.preprocess_customers` makes them.

    Raises
    ------
    SettingsError
        If the file cannot be read.
    """
    return set(_header(Path(path))) >= {CUSTOMER_ID, PART, LEFT}


def read_flat_file(path: str | Path) -> pd.DataFrame:
    """Read customers as numbers: customer_id, part, left (missing where nobody knows), and floats.

    Raises
    ------
    SettingsError
        If the file cannot be read, or a feature is not a number.
    """
    file = Path(path)
    if file.suffix == ".parquet":
        frame = pd.DataFrame(pd.read_parquet(file))
    else:
        frame = pd.read_csv(file, dtype={CUSTOMER_ID: str, PART: str, LEFT: "boolean"})
    features = [name for name in frame.columns if name not in {CUSTOMER_ID, PART, LEFT}]
    if texts := [name for name in features if not pd.api.types.is_numeric_dtype(frame[name])]:
        raise SettingsError(f"{file}: the column {texts[0]!r} holds texts; make numbers of them with preprocess.py")
    return frame.astype(dict.fromkeys(features, float) | {LEFT: "boolean"})


def _header(file: Path) -> list[str]:
    try:
        if file.suffix == ".parquet":
            return list(map(str, pq.read_schema(file).names))
        return list(map(str, pd.read_csv(file, nrows=0).columns))
    except FileNotFoundError as error:
        raise SettingsError(f"{file}: there is no such file") from error
    except (OSError, ValueError, pa.ArrowInvalid) as error:
        raise SettingsError(f"{file}: cannot be read: {error}") from error
