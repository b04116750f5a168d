"""Features from what a file says about customers themselves, such as age group or size of household."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Self

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, model_validator

from dtc_data.core import TransactionsError
from dtc_data.transactions.behaviour.behaviour_at_cutoff import Moment
from dtc_data.transactions.cutoffs import moment_of

PREFIX = "demographic_"
"""How these features' names begin."""

Values = Annotated[tuple[str, ...], Field(min_length=2)]


class DemographicColumn(BaseModel):
    """What a column holds: numbers, or text whose values are declared here, since they must not depend on who is in a file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ordered: Values | None = None
    """Values from the lowest to the highest; the feature is the rank from 0."""
    values: Values | None = None
    """Values without an order; each becomes a feature, 1 for whoever has it and else 0."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.ordered and self.values:
            raise ValueError("give values with an order (ordered) or without one (values), not both")
        return self

    def features(self, column: "pd.Series[Any]") -> Iterator["pd.Series[float]"]:
        """Return the column's features, NaN where the value is missing or not declared."""
        name = f"{PREFIX}{column.name}"
        if self.ordered:
            yield column.map({value: float(rank) for rank, value in enumerate(self.ordered)}).rename(name)
        elif self.values:
            known = column.isin(self.values)
            for value in self.values:
                yield (column == value).astype(float).where(known).rename(f"{name}_{value}")
        else:
            yield pd.to_numeric(column, errors="coerce").astype(float).rename(name)


def demographic_features(
    customers: pd.DataFrame, columns: Mapping[str, DemographicColumn], as_of: Moment
) -> pd.DataFrame:
    """Return customer_id and the features of the declared columns, one row per customer.

    Parameters
    ----------
    customers : DataFrame
        customer_id and the columns. A column known_from (UTC), where there is one, says since when a row is known: the latest
        row before the cutoff counts. Without it a file is taken to say what has always been so.
    columns : mapping of str to DemographicColumn
        Columns by their names; one that the file lacks is missing for everybody.
    as_of : Wave, datetime, date or str
        The cutoff.

    Raises
    ------
    TransactionsError
        If a customer appears twice without known_from.
    """
    known = customers
    if "known_from" in customers.columns:
        known = customers[customers["known_from"] < moment_of(as_of)].sort_values("known_from", kind="stable")
        known = known.drop_duplicates("customer_id", keep="last")
    if (twice := known["customer_id"].duplicated()).any():
        name = known["customer_id"][twice].iloc[0]
        raise TransactionsError(
            f"customer {name!r} stands in the customers twice: leave one row, or say in a column known_from since when each is known"
        )
    present = {name: known[name] if name in known else pd.Series(pd.NA, known.index, name=name) for name in columns}
    features = [one for name, column in columns.items() for one in column.features(present[name])]
    return pd.concat([known["customer_id"], *features], axis=1).reset_index(drop=True)
