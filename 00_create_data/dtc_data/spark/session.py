"""A Spark session on this machine or a cluster, and what it needs of its surroundings."""

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from dtc_data.core import SettingsError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LOOPBACK: Final = "127.0.0.1"
ON_THIS_MACHINE: Final = "local[*]"

_IN_UTC: Final = "-Duser.timezone=UTC"


@contextmanager
def spark_session(
    master: str = ON_THIS_MACHINE, *, memory: str = "2g", partitions: int | None = None, jars: Sequence[Path] = ()
) -> Iterator["SparkSession"]:
    """Start Spark, and stop it at the end; its files lie in a folder that is deleted then.

    Parameters
    ----------
    master : str
        Where Spark runs: ``local[*]`` in this process, ``local-cluster[2,1,1024]`` in two executors of their own with one
        core and 1,024 MB each, ``spark://…`` or ``yarn`` on a cluster.
    memory : str
        Of the driver, and of each executor where the master does not say it.
    partitions : int, optional
        Parts into which Spark shuffles; twice the processors of this machine by default.
    jars : sequence of Path
        What Spark needs beside its own, such as the JDBC driver of a database.

    Raises
    ------
    SettingsError
        If PySpark or Java is missing; the message says how to get it.
    """
    _refuse_missing()
    from pyspark.sql import SparkSession  # noqa: PLC0415 - large, and missing in most environments

    is_remote = not master.startswith("local")
    with TemporaryDirectory(prefix="dtc-spark-") as folder:
        if not is_remote:
            _keep_to_this_machine(Path(folder))
        builder = SparkSession.builder.master(master).appName("dtc")
        for key, value in _settings(folder, memory, partitions, is_remote=is_remote, jars=jars).items():
            builder = builder.config(key, value)
        session = builder.getOrCreate()
        try:
            session.sparkContext.setLogLevel("ERROR")
            yield session
        finally:
            session.stop()


def _refuse_missing() -> None:
    if find_spec("pyspark") is None:
        raise SettingsError(
            "PySpark is not installed: make test_spark makes an environment with it, .venv-spark; elsewhere "
            "pip install 'dtc-persona-pipeline[spark]'"
        )
    home = os.environ.get("JAVA_HOME")
    if not (shutil.which("java") or (home and (Path(home) / "bin" / "java").exists())):
        raise SettingsError("Java is missing, which Spark runs on: install Java 17, or say where it is with JAVA_HOME")


def _keep_to_this_machine(folder: Path) -> None:
    """Set what Spark reads from the environment only; executors inherit it."""
    os.environ["SPARK_LOCAL_IP"] = LOOPBACK
    os.environ["SPARK_WORKER_DIR"] = str(folder / "workers")
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable


def _settings(
    folder: str, memory: str, partitions: int | None, *, is_remote: bool, jars: Sequence[Path]
) -> dict[str, str]:
    here = {} if is_remote else {"spark.driver.host": LOOPBACK, "spark.driver.bindAddress": LOOPBACK}
    return {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.memory": memory,
        "spark.executor.memory": memory,
        "spark.sql.session.timeZone": "UTC",
        "spark.driver.extraJavaOptions": _IN_UTC,  # JDBC drivers take the zone of the process
        "spark.executor.extraJavaOptions": _IN_UTC,
        "spark.sql.shuffle.partitions": str(partitions or 2 * (os.cpu_count() or 1)),
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        "spark.local.dir": folder,
        "spark.sql.warehouse.dir": f"{folder}/warehouse",
        **({"spark.jars": ",".join(map(str, jars))} if jars else {}),
        **here,
    }
