"""The pipeline under the consultant's hands: widgets in a notebook, and the plain frames behind them.

``view``, ``what_if``, ``lead`` and ``segments`` are what ``Audit`` offers under the same names; they need the
extra ``lab``. What they show is worked out by modules that know no widget: :mod:`~leadaudit.explore.standing`
(the open leads and which are chosen), :mod:`~leadaudit.explore.settings` (other limits and what follows),
:mod:`~leadaudit.explore.alike` (leads like one), :mod:`~leadaudit.explore.segmenting` (the five ideas by segment).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadaudit.lazily import offer

if TYPE_CHECKING:
    from leadaudit.explore.alike import alike as alike
    from leadaudit.explore.lead import lead as lead
    from leadaudit.explore.segmenting import segmented as segmented
    from leadaudit.explore.segments import segments as segments
    from leadaudit.explore.settings import Settings as Settings
    from leadaudit.explore.settings import outcome as outcome
    from leadaudit.explore.standing import Filters as Filters
    from leadaudit.explore.standing import chosen as chosen
    from leadaudit.explore.standing import standing as standing
    from leadaudit.explore.view import view as view
    from leadaudit.explore.what_if import what_if as what_if

_HOME = {
    "Filters": "standing",
    "Settings": "settings",
    "alike": "alike",
    "chosen": "standing",
    "lead": "lead",
    "outcome": "settings",
    "segmented": "segmenting",
    "segments": "segments",
    "standing": "standing",
    "view": "view",
    "what_if": "what_if",
}
__all__ = sorted(_HOME)  # noqa: PLE0605 - the names that the table above offers

__getattr__ = offer(__name__, {name: f"{__name__}.{home}" for name, home in _HOME.items()})
