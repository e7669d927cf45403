"""The command line: parse, call, print. One file per family of commands; this one lists them.

Exit codes: 0 done · 1 ``--fail-on`` matched · 2 cannot (bad input, settings or usage) · 3 batch
done with failures · 70 internal error · 130 interrupted.
"""

from __future__ import annotations

import logging
import sys
from typing import Annotated

import typer

from leadaudit import __version__
from leadaudit.cli import backtesting, batch, begin, comparing, decide, deliver, explore, look
from leadaudit.cli.speaking import say_error, say_internal
from leadaudit.errors import LeadAuditError

CANNOT = 2
INTERNAL = 70
INTERRUPTED = 130

app = typer.Typer(
    name="leadaudit",
    help="Is this pipeline moving, or only busy? Audits the leads in a CRM's exports.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

# In the order of `leadaudit --help`; a command's name, help and options are those of its function.
for command in (
    deliver.demo,
    deliver.audit,
    deliver.render,
    look.inspect,
    begin.init,
    look.explain,
    backtesting.backtest,
    decide.decide,
    comparing.compare,
    batch.batch,
    explore.explore,
):
    app.command()(command)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"leadaudit {__version__}")
        raise typer.Exit


@app.callback()
def _start(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Is this pipeline moving, or only busy? Audits the leads in a CRM's exports."""


def main() -> None:
    """Run the command line; every known trouble is one sentence, every unknown one a line and a log."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    logging.getLogger("papermill").setLevel(logging.ERROR)
    try:
        app()
    except LeadAuditError as error:
        say_error(error)
        sys.exit(CANNOT)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - the last line of defence: one line for a person, the rest in a log
        say_internal(error)
        sys.exit(INTERNAL)
