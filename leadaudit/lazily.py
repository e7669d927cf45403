"""Public names whose modules are imported when a name is first used.

``import leadaudit`` stays fast this way, and a name that is both a function and the module
around it (``audit``, ``read``) is always the function, whatever was imported before.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class _Package(ModuleType):
    """A package in which importing the module ``audit`` does not replace the function ``audit``.

    The import system binds every submodule to its name in the package; here the public names
    are spared.
    """

    _offered: Mapping[str, str]

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self._offered and isinstance(value, ModuleType):
            return
        super().__setattr__(name, value)


def offer(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """Make the public names of a package available without importing them yet.

    Parameters
    ----------
    package : str
        ``__name__`` of the package that calls this, once, from its ``__init__``.
    homes : mapping of str to str
        Public name → full name of the module that defines it.

    Returns
    -------
    callable
        The package's ``__getattr__``; it also finds modules of the package that are not
        imported yet, so that ``leadaudit.tables`` works after ``import leadaudit``.

    Examples
    --------
    In ``leadaudit/__init__.py``::

        __getattr__ = offer(__name__, {"read": "leadaudit.ingest.read"})
    """
    module = sys.modules[package]
    module.__dict__["_offered"] = homes
    module.__class__ = _Package

    def first_use(name: str) -> Any:
        if name in homes:
            value = getattr(importlib.import_module(homes[name]), name)
            setattr(module, name, value)
            return value
        if not name.startswith("_"):
            try:
                return importlib.import_module(f"{package}.{name}")
            except ModuleNotFoundError as error:
                if error.name != f"{package}.{name}":
                    raise
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return first_use
