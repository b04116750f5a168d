"""YAML files, read strictly."""

from collections import Counter
from pathlib import Path
from typing import Any, Final, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from dtc_data.core.errors import CatalogueError, DtcError, SettingsError

Choices = TypeVar("Choices", bound=BaseModel)

_CATALOGUE_KEYS: Final = "name, registered_model, features and segments"


class _UniqueKeyLoader(yaml.SafeLoader):
    """A YAML loader that refuses a key given twice, where PyYAML would silently keep the last one."""

    def construct_mapping(
        self,
        node: yaml.MappingNode,
        deep: bool = False,  # noqa: FBT001, FBT002 - the signature is PyYAML's
    ) -> dict[Any, Any]:
        """Build a mapping and refuse repeated keys."""
        keys = Counter(str(self.construct_object(key, deep=True)) for key, _ in node.value)
        if repeated := [key for key, times in keys.items() if times > 1]:
            raise yaml.constructor.ConstructorError(None, None, f"key {repeated[0]!r} is given twice", node.start_mark)
        return super().construct_mapping(node, deep=deep)


def read_yaml_mapping(
    path: str | Path,
    *,
    what: str = "catalogue",
    keys: str = _CATALOGUE_KEYS,
    error_type: type[DtcError] = CatalogueError,
) -> dict[str, Any]:
    """Read a YAML file that holds one mapping.

    Parameters
    ----------
    path : str or Path
        The file, in UTF-8.
    what : str
        What the file is, as messages call it.
    keys : str
        The keys that such a file has, for whoever gave something else.
    error_type : type of DtcError
        What is raised.

    Raises
    ------
    CatalogueError
        Or the error type given, if the file cannot be read, is not YAML, gives a key twice, or holds something other than a mapping.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise error_type(f"{path}: the {what} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise error_type(f"{path}: the {what} is not written in UTF-8: save it as UTF-8") from error
    try:
        document = _UniqueKeyLoader(text).get_single_data()
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).replace('in "<unicode string>", ', "").split())
        raise error_type(f"{path}: not a valid YAML file: {reason}") from error
    if not isinstance(document, dict):
        found = "empty" if document is None else f"a {type(document).__name__}"
        raise error_type(f"{path}: the file is {found}, but a {what.rsplit(maxsplit=1)[-1]} is a mapping with {keys}")
    return document


def read_yaml_choices(path: str | Path, choices: type[Choices], *, what: str) -> Choices:
    """Read a YAML file of choices, such as a configuration.

    Parameters
    ----------
    path : str or Path
        The file, in UTF-8.
    choices : type of BaseModel
        What the file may say; its fields are the keys.
    what : str
        What the file is, as messages call it.

    Raises
    ------
    SettingsError
        If the file cannot be read or an entry is wrong; the message names the file and each entry.
    """
    document = read_yaml_mapping(path, what=what, keys=", ".join(choices.model_fields), error_type=SettingsError)
    try:
        return choices.model_validate(document)
    except ValidationError as error:
        raise SettingsError(f"{path}: {'; '.join(map(_describe, error.errors()))}") from error


def _describe(problem: Any) -> str:
    where = ", ".join(str(step) for step in problem["loc"])
    said = problem["msg"].removeprefix("Value error, ")
    return f"{where}: {said}" if where else said
