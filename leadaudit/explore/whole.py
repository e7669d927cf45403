"""Pictures and tables that reach the browser whole, also on a slow computer.

Both libraries announce a widget first and send its content after it, and each widget brings its own copy
of the library's code, which the browser has to load within two seconds. Where it is busy, the content
comes too early, or the code too late, and the place stays empty. Here a widget is announced once its
content is complete, and the code is loaded once for all of a page, however long that takes (``whole.js``).
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go
import traitlets
from itables.widget import ITable

if TYPE_CHECKING:
    from collections.abc import Mapping

CONFIG: Mapping[str, Any] = {"displayModeBar": False}
LOADER = (files("leadaudit.explore") / "whole.js").read_text(encoding="utf-8")


class _Whole:
    """A widget that is announced by :meth:`announce`, not when it is made."""

    _complete = False

    def open(self) -> None:
        """Ignore the call that comes while the widget is being made."""
        if self._complete:
            super().open()  # type: ignore[misc]

    def announce(self) -> Any:
        """Tell the browser of the widget, with all that it holds; gives the widget."""
        self._complete = True
        self.open()
        return self


class Picture(_Whole, go.FigureWidget):  # type: ignore[misc]
    """A plotly figure as a widget."""

    _esm = LOADER
    _bundle = traitlets.Unicode(str(go.FigureWidget._esm)).tag(sync=True)  # noqa: SLF001 - its code

    def announce(self) -> Any:
        """Tell the browser of the figure as it is now."""
        self._config = dict(CONFIG)
        self._widget_layout = self._layout_obj._props  # noqa: SLF001 - what the browser reads at the start
        self._widget_data = self._data
        return super().announce()


class Table(_Whole, ITable):
    """A table of itables as a widget."""

    _esm = LOADER  # type: ignore[assignment] # a text or the path of one
    _bundle = traitlets.Unicode(str(ITable._esm)).tag(sync=True)  # noqa: SLF001 - its code
