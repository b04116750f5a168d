"""What a worker that Mage forks does to the scheduler's connections: nothing."""

import subprocess
import sys

import pytest
from dtc_data.core import PostgresSettings
from dtc_data.tables import make_engine

pytestmark = pytest.mark.integration

# In a process of its own: what is to happen after a fork cannot be taken back.
PROGRAM = """
import gc, os, sys
from sqlalchemy import create_engine, text
from sqlalchemy.orm import scoped_session, sessionmaker
from dtc_stack.mage.forked_workers import keep_connections_apart

class Holder: session = None

engine, holder = create_engine(sys.argv[1]), Holder()
if sys.argv[2] == "apart":
    keep_connections_apart(engine, holder)
holder.session = scoped_session(sessionmaker(bind=engine))
number = text("SELECT txid_current()")
before = holder.session.scalar(number)
if os.fork() == 0:
    holder.session = scoped_session(sessionmaker(bind=engine))  # as Mage's worker does
    gc.collect()
    holder.session.scalar(number)
    os._exit(0)
os.wait()
print(holder.session.scalar(number) == before)
"""


@pytest.mark.parametrize(("how", "same"), [("apart", "True"), ("as Mage does", "False")])
def test_the_transaction_of_the_scheduler_goes_on(customer_database: PostgresSettings, how: str, same: str) -> None:
    url = make_engine(customer_database).url.render_as_string(hide_password=False)
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM, url, how], capture_output=True, text=True, timeout=300, check=False
    )
    assert result.stdout.strip() == same, result.stderr
