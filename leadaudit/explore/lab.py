"""The widgets are an extra: who only writes reports needs none of them."""

from __future__ import annotations

from importlib.util import find_spec

from leadaudit.errors import MissingExtraError

PACKAGES = ("ipywidgets", "anywidget", "itables")


def need_lab() -> None:
    """Make sure that the extra ``lab`` is there.

    Raises
    ------
    MissingExtraError
        Naming the extra.
    """
    if not all(find_spec(name) for name in PACKAGES):
        raise MissingExtraError("extra_missing", extra="lab")
