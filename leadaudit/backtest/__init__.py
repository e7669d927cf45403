"""Would it have been right? Past dates, judged by what was known then, and what became of the leads.

The same walk as for an audit is taken at dates in the client's own past, on the export as it was
known then (:meth:`leadaudit.ingest.export.Export.as_of`) and under a process drafted from that.
Then, and only then, the whole export says what happened. Beside it stand the rules that CRMs use,
on the same leads. What is counted is a connection, not a cause: where a client ends leads by a
fixed rule of its own, an ending that was proposed comes true by that rule.
"""

from leadaudit.backtest.record import record
from leadaudit.backtest.result import Backtest
from leadaudit.backtest.running import MOST_DATES, backtest

__all__ = ["MOST_DATES", "Backtest", "backtest", "record"]
