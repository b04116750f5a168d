"""A pipeline run executed outside Mage: its blocks one after the other, in a process of its own, with whatever Mage would pass."""

import os
import runpy
from collections.abc import Mapping
from datetime import datetime
from multiprocessing.synchronize import Barrier
from typing import Any

import pandas as pd
from dtc_data.core import PostgresSettings, read_settings
from dtc_data.tables import make_engine
from dtc_stack.mage.project import SOURCE
from sqlalchemy import column, func, select, table, text

Variables = dict[str, Any]


def block(path: str) -> Any:
    """Load a block as Mage does, with its decorator at hand."""
    kind, _, name = path.partition("/")
    decorator = kind.removesuffix("s")
    return runpy.run_path(str(SOURCE / f"{path}.py"), init_globals={decorator: lambda function: function})[name]


def execute(variables: Variables) -> dict[str, Any]:
    """Execute a run to its end, and return what its blocks gave by name."""
    engine = make_engine(read_settings(PostgresSettings))
    named = block("data_loaders/name_waves")(**variables)
    waves = [_load(engine, named, wave) for wave in ("reference", "current")]
    samples = block("transformers/select_features")(*waves, **variables)
    verdict = block("transformers/check_drift")(samples, **variables)
    found: dict[str, Any] = {"verdict": verdict}
    if block("conditionals/drift_found")(verdict):
        found["sweep"] = block("transformers/train_models")(verdict, samples, **variables)
        found["candidate"] = block("custom/register_best_model")(found["sweep"], verdict, **variables)
        found["promotion"] = block("custom/promote_model")(found["candidate"], samples, **variables)
        found["told"] = block("custom/notify_drift")(found["promotion"], verdict, **variables)
    else:
        found["told"] = block("custom/notify_no_drift")(verdict, **variables)
    return found


def execute_all(runs: list[Variables], environment: Mapping[str, str], start: Barrier, results: Any) -> None:
    """Execute runs one after the other, each at the moment at which the other process does."""
    os.environ.update(environment)
    for variables in runs:
        start.wait()
        try:
            results.put((variables["execution_partition"], execute(variables)))
        except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
            results.put((variables["execution_partition"], f"{type(error).__name__}: {error}"))


def _load(engine: Any, named: Mapping[str, str], wave: str) -> pd.DataFrame:
    start, end = (datetime.fromisoformat(named[f"{wave}_{name}"]) for name in ("start", "end"))
    units = table(named["table"], column("date"), column(named["id_column"]))
    taken = func.left(func.md5(units.c[named["id_column"]]), 8).collate("C") < named[f"{wave}_below"]
    chosen = select(text("*")).select_from(units).where(units.c.date >= start, units.c.date < end, taken)
    with engine.connect() as connection:
        return pd.read_sql(chosen, connection)
