"""A small shop whose customers order at rates of their own and leave at some time, drawn with a seed."""

import numpy as np
import pandas as pd
from fakes.retail_lines import START, lines_of

LAST_DAY = 360


def shop_lines(n_customers: int = 250, seed: int = 7) -> pd.DataFrame:
    """Return the lines of 360 days: frequent customers stay, others leave, some return things."""
    random = np.random.default_rng(seed)
    rows = []
    for number in range(n_customers):
        gap, joined = random.uniform(5, 60), random.uniform(0, 200)
        leaves = joined + random.exponential(250) if random.random() < 0.7 else LAST_DAY
        at = joined
        while at < min(leaves, LAST_DAY):
            rows.append({"day": round(at, 3), "customer": f"c{number:03d}", "product": f"p{random.integers(20)}",
                         "quantity": int(random.integers(1, 9)), "price": round(float(random.lognormal(2, 0.7)), 2)})  # fmt: skip
            if random.random() < 0.05:
                rows.append({**rows[-1], "day": round(at + 0.5, 3), "quantity": -1})
            at += random.exponential(gap) + 0.01
    rows.append({"day": LAST_DAY - 0.01, "customer": "last"})
    return lines_of(rows)


def shop_day(number: float) -> pd.Timestamp:
    """Return a moment some days after the shop opened."""
    return START + pd.Timedelta(days=number)
