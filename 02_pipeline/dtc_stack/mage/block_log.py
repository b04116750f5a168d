"""What Mage writes into the log of a block."""

import json
import re

_ERROR = re.compile(r'"error_stacktrace": ("(?:[^"\\]|\\.)*")')


def error_in(log: str) -> str | None:
    """Return the message with which a block failed last, if its log holds one; Mage keeps it nowhere else."""
    messages = _ERROR.findall(log)
    return str(json.loads(messages[-1])) if messages else None
