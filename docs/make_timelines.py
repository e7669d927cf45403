"""Make the pictures of docs/timelines.md: ``python docs/make_timelines.py FOLDER``.

FOLDER holds the BPI Challenge 2012 as leads.csv, activities.csv and stage_history.csv (loan applications of a Dutch
bank, public: https://doi.org/10.4121/uuid:3926db30-f712-4394-aebc-75976070e91f). Each lead is shown as it could be
seen at one moment, by what was known then.
"""

from __future__ import annotations

import sys
from pathlib import Path

import leadaudit
from leadaudit.report import timeline
from leadaudit.report.small_timeline import small_timeline

PICTURES = Path(__file__).parent / "timelines"

LEADS = {
    "won-after-silence": ("198313", "2012-02-09"),
    "ended-late": ("179591", "2012-01-24"),
    "busy-and-stuck": ("183175", "2012-01-15"),
}
"""Picture: the lead, and the first moment not known."""


def main(folder: Path) -> None:
    """Draw every lead and say what is said of it."""
    export = leadaudit.read(*sorted(folder.glob("*.csv")), language="en")
    PICTURES.mkdir(exist_ok=True)
    for name, (lead_id, as_of) in LEADS.items():
        audit = leadaudit.audit(export, as_of=as_of)
        drawn = small_timeline(timeline(audit, lead_id), f"Timeline of {lead_id}")
        (PICTURES / f"{name}.svg").write_text(standing_alone(drawn), encoding="utf-8", newline="\n")
        print(f"\n{name}, as of {as_of}\n{audit.explain(lead_id)}")
        print(
            audit.leads.set_index("lead_id").loc[lead_id, ["stay_days", "movement_count", "response_count"]].to_dict()
        )


def standing_alone(svg: str) -> str:
    """A file of its own: on white, so that it can be read in the dark as well."""
    named = svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" color="#2b3440" ', 1)
    head, rest = named.split(">", 1)
    return f'{head}><rect width="100%" height="100%" fill="#fff"/>{rest}\n'


if __name__ == "__main__":
    main(Path(sys.argv[1]))
