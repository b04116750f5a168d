"""Conditions and figures as people write them in a rule file, computed without ever running them as code.

Allowed are names of columns, numbers, texts in quotes, ``+ - * /``, comparisons, ``and``, ``or``, ``not``, ``in [...]``,
``mean(column)``, ``median(column)`` and ``quantile(column, 0.25)`` over the stores of the same archetype, and ``others(column)``,
the mean of all other stores.
"""

import ast
import operator
from collections.abc import Callable, Iterator, Mapping
from functools import reduce
from typing import Any, Final, Self

import pandas as pd

from dtc_data.core import RetailDataError

LONGEST: Final = 1_000
"""Characters of an expression."""
ARCHETYPE: Final = "archetype"
"""Column by whose values medians and quantiles are taken."""

_ARITHMETIC: Final[Mapping[type, Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_COMPARISONS: Final[Mapping[type, Callable[[Any, Any], Any]]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_OF_ONE_COLUMN: Final = ("mean", "median", "others")
_ARGUMENTS: Final = frozenset({*_OF_ONE_COLUMN, "quantile"})
"""What has brackets, and is not a column."""


class Expression:
    """A condition or a figure over the columns of a table of stores."""

    def __init__(self, text: str, tree: ast.expr) -> None:
        self.text = text
        self._tree = tree
        self.names: frozenset[str] = frozenset(
            node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id not in _ARGUMENTS
        )
        """Columns that it speaks of."""
        self.names_of_one_store: frozenset[str] = frozenset(_outside_brackets(tree))
        """Those whose value is a store's own, and not one of its archetype."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an expression and refuse whatever is not of the few things allowed.

        Raises
        ------
        RetailDataError
            If the text is too long, no expression, or holds something else; the message names it.
        """
        if len(text) > LONGEST:
            raise RetailDataError(f"an expression has {len(text)} characters; at most {LONGEST} are allowed")
        try:
            tree = ast.parse(text.strip(), mode="eval").body
            _check(tree)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise RetailDataError(f"{text!r} cannot be read: {error}") from error
        return cls(text, tree)

    def value(self, stores: pd.DataFrame) -> Any:
        """Return the expression's value for each store; a plain number where it speaks of no column.

        Raises
        ------
        RetailDataError
            If the table lacks a column, or texts and numbers are mixed.
        """
        if missing := sorted(self.names - set(stores)):
            raise RetailDataError(f"{self.text!r} speaks of {', '.join(missing)}, which stores do not have")
        try:
            return _value(self._tree, stores)
        except TypeError as error:
            raise RetailDataError(
                f"{self.text!r} mixes texts and numbers, or conditions and figures: {error}"
            ) from error

    def holds(self, stores: pd.DataFrame) -> pd.Series:
        """Return for which stores the condition holds; never for one that lacks a value that the condition speaks of."""
        value = self.value(stores)
        is_known = stores[sorted(self.names)].notna().all(axis=1)
        outcome = value if isinstance(value, pd.Series) else pd.Series(value, index=stores.index)
        if not pd.api.types.is_bool_dtype(outcome):
            raise RetailDataError(f"{self.text!r} is a figure, but a condition compares, as in out_of_stock_days > 6")
        return outcome & is_known


def _outside_brackets(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Name):
        yield node.id
    elif not isinstance(node, ast.Call):
        for part in _parts(node):
            yield from _outside_brackets(part)


def _check(node: ast.expr) -> None:
    """Refuse everything that `_value` does not know."""
    if isinstance(node, ast.Call):
        _check_call(node)
        return
    for part in _parts(node):
        _check(part)


def _parts(node: ast.expr) -> list[ast.expr]:  # noqa: PLR0911 - one return per kind of node
    """Return what a node is made of, if it is of an allowed kind."""
    match node:
        case ast.Name() if node.id not in _ARGUMENTS:
            return []
        case ast.Constant() if type(node.value) in {int, float, str}:
            return []
        case ast.BoolOp(values=parts) | ast.List(elts=parts):
            return parts
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            return [node.operand]
        case ast.BinOp() if type(node.op) in _ARITHMETIC:
            return [node.left, node.right]
        case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[ast.List()]):
            return [node.left, *node.comparators]
        case ast.Compare() if all(type(comparison) in _COMPARISONS for comparison in node.ops):
            return [node.left, *node.comparators]
    raise ValueError(f"{ast.unparse(node)!r} is not allowed in a rule")


def _check_call(node: ast.Call) -> None:
    match node:
        case ast.Call(func=ast.Name(id=name), args=[ast.Name()], keywords=[]) if name in _OF_ONE_COLUMN:
            return
        case ast.Call(func=ast.Name(id="quantile"), args=[ast.Name(), share], keywords=[]) if _is_share(share):
            return
    raise ValueError(
        f"{ast.unparse(node)!r} is not allowed in a rule: there are mean(column), median(column), others(column), and "
        "quantile(column, 0.25) with a share from 0 to 1"
    )


def _is_share(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float) and 0 <= node.value <= 1


def _value(node: ast.expr, stores: pd.DataFrame) -> Any:  # noqa: PLR0911 - one return per kind of node
    match node:
        case ast.Name():
            return stores[node.id]
        case ast.Constant():
            return node.value
        case ast.BoolOp(op=kind, values=parts):
            join = operator.and_ if isinstance(kind, ast.And) else operator.or_
            return reduce(join, (_value(part, stores) for part in parts))
        case ast.UnaryOp():
            operand = _value(node.operand, stores)
            return ~operand if isinstance(node.op, ast.Not) else -operand
        case ast.BinOp():
            return _ARITHMETIC[type(node.op)](_value(node.left, stores), _value(node.right, stores))
        case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[ast.List(elts=values)]):
            found = _value(node.left, stores).isin([_value(value, stores) for value in values])
            return ~found if isinstance(node.ops[0], ast.NotIn) else found
        case ast.Compare():
            return _compared(node, stores)
        case ast.Call(func=ast.Name(id=name), args=[ast.Name(id=column), *rest]):
            return _of_archetype(stores, name, column, [ast.literal_eval(share) for share in rest])
    raise AssertionError(ast.dump(node))  # _check has refused everything else


def _of_archetype(stores: pd.DataFrame, name: str, column: str, rest: list[float]) -> Any:
    """Return a figure of each store's archetype, or of all stores but those of its archetype."""
    grouped = stores.groupby(ARCHETYPE)[column]
    if rest:
        return grouped.transform("quantile", rest[0])
    if name != "others":
        return grouped.transform("mean" if name == "mean" else "median")
    known = stores[column].where(stores[ARCHETYPE].notna())
    return (known.sum() - grouped.transform("sum")) / (known.count() - grouped.transform("count"))


def _compared(node: ast.Compare, stores: pd.DataFrame) -> Any:
    """Compare neighbours, so that ``0.2 < discount_share < 0.5`` means what it says."""
    values = [_value(part, stores) for part in (node.left, *node.comparators)]
    outcomes = [
        _COMPARISONS[type(comparison)](left, right)
        for comparison, left, right in zip(node.ops, values, values[1:], strict=False)
    ]
    joined = outcomes[0]
    for outcome in outcomes[1:]:
        joined &= outcome
    return joined
