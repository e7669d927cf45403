"""What a notebook takes, checked: papermill itself only warns of a mistyped name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from leadaudit.errors import NotebookParameterError, did_you_mean, listed

JSON_TYPES = (str, int, float, bool, type(None), list, dict)
_SHELL_NAMES = frozenset({"In", "Out", "exit", "quit", "open", "get_ipython"})


@dataclass(frozen=True)
class Parameter:
    """One parameter of a notebook: its type, default and meaning."""

    kind: type
    default: Any
    meaning: str


def typed(given: Mapping[str, Any], declared: Mapping[str, Parameter]) -> dict[str, Any]:
    """Check names and types of parameters; complete them with the defaults.

    Parameters
    ----------
    given : mapping
        Values by name, of JSON types. Papermill's command line turns ``00123`` into 123;
        where text is declared, a number becomes text again.
    declared : mapping of str to Parameter
        What the notebook takes.

    Returns
    -------
    dict
        A value for every declared name.

    Raises
    ------
    NotebookParameterError
        For an unknown name (with the nearest one) or a value of the wrong type.

    Examples
    --------
    >>> typed({"language": "de"}, {"language": Parameter(str, "", "de or en")})
    {'language': 'de'}
    """
    for name in given:
        if name not in declared:
            raise NotebookParameterError(
                "parameter_unknown", name=name, valid=listed(list(declared)), hint=did_you_mean(name, list(declared))
            )
    return {name: _typed(name, given.get(name, known.default), known) for name, known in declared.items()}


def _typed(name: str, value: Any, known: Parameter) -> Any:
    if known.kind is str and isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    if known.kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if value is None or (isinstance(value, known.kind) and not (known.kind is int and isinstance(value, bool))):
        return value
    raise NotebookParameterError("parameter_value", name=name, value=repr(value), valid=known.kind.__name__)


def injected(namespace: Mapping[str, Any], declared: Mapping[str, Parameter]) -> dict[str, Any]:
    """The parameters of a running notebook, checked; call it in the first cell after them.

    Parameters
    ----------
    namespace : mapping
        ``globals()`` of the notebook.
    declared : mapping of str to Parameter
        What the notebook takes.

    Raises
    ------
    NotebookParameterError
        As :func:`typed`; a name that papermill injected and the notebook does not know is an error here.
    """
    plain = {
        name: value
        for name, value in namespace.items()
        if isinstance(value, JSON_TYPES) and not name.startswith("_") and name not in _SHELL_NAMES
    }
    return typed(plain, declared)
