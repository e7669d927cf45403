"""``audit.view()``: filters, the stage board, the table, and the card and life of the lead that is clicked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from leadaudit.explore import board as boards
from leadaudit.explore.cards import card_html
from leadaudit.explore.lab import need_lab
from leadaudit.explore.life import life, show_in
from leadaudit.explore.pictures import paragraphs
from leadaudit.explore.rows import MOST_ROWS, caption, rows, table
from leadaudit.explore.standing import Filters, choices, chosen, standing
from leadaudit.language import sentence

if TYPE_CHECKING:
    from leadaudit.audit import Audit

LISTS = {"verdict": "verdicts", "place": "places", "owner": "owners", "source": "sources"}
RANGES = {"amount": ("amount_low", "amount_high"), "age_days": ("age_low", "age_high")}


class View:
    """The open leads on their board.

    Attributes
    ----------
    all_leads : DataFrame
        The open leads (:func:`leadaudit.explore.standing.standing`).
    leads : DataFrame
        Those that pass the filters now.
    lead_id : str or None
        The lead whose card is shown.
    filters : Filters
        What is chosen now.
    widget : ipywidgets.VBox
        What a notebook shows.
    """

    def __init__(self, audit: Audit, key: Path | None = None) -> None:
        import ipywidgets as w

        from leadaudit.explore.whole import Picture

        self._audit = audit
        self.all_leads = standing(audit, key)
        self.leads = self.all_leads
        self.lead_id: str | None = None
        self._panels = boards.panels(audit, self.all_leads)
        self._lists = {name: self._list(name) for name in LISTS if self.all_leads[name].notna().any()}
        self._ranges = {name: one for name in RANGES if (one := self._range(name)) is not None}
        self._count = w.HTML()
        self._board = Picture(boards.board(audit, self._panels))
        self._table = table(rows(self.leads, audit.language), len(self.leads), audit.language)
        self._chooser = w.Combobox(
            placeholder=self._say("choose_lead"), ensure_option=False, layout=w.Layout(width="26rem")
        )
        self._card = w.HTML(paragraphs(self._say("click_hint")))
        self._life_box = w.VBox([], layout=w.Layout(width="100%"))
        self._show()
        for part in (self._board, self._table):
            part.announce()
        self.widget = self._arranged()
        self._listen()

    @property
    def filters(self) -> Filters:
        """What the controls say."""
        given: dict[str, Any] = {LISTS[name]: frozenset(one.value) for name, one in self._lists.items()}
        for name, slider in self._ranges.items():
            for place, field in enumerate(RANGES[name]):
                # At its end a slider says nothing, so that leads without a value are not lost.
                at_end = slider.value[place] == (slider.min, slider.max)[place]
                given[field] = None if at_end else float(slider.value[place])
        return Filters(**given)

    def choose(self, lead_id: str) -> None:
        """Show the card and the life of an open lead; one that the filters hide is shown too.

        Raises
        ------
        LeadAuditError
            ``lead_unknown``, with the nearest id.
        """
        if lead_id == self.lead_id:
            return
        self._card.value = card_html(self._audit, lead_id)
        self.lead_id = lead_id
        self._life_box.children = [self._picture_of(lead_id)]
        self._ring()
        place = self._row_of(lead_id)
        self._table.selected_rows = [] if place is None or place >= MOST_ROWS else [place]

    def _picture_of(self, lead_id: str) -> Any:
        """The life of a lead, in the figure that is on the screen if there is one."""
        from leadaudit.explore.whole import Picture

        figure = life(self._audit, lead_id)
        if not self._life_box.children:
            return Picture(figure).announce()
        show_in(self._life_box.children[0], figure)
        return self._life_box.children[0]

    # ------------------------------------------------------------------ controls

    def _say(self, key: str, **facts: Any) -> str:
        return sentence(f"explore.{key}", self._audit.language, **facts)

    def _list(self, column: str) -> Any:
        import ipywidgets as w

        options = choices(self.all_leads, column, self._audit.language)
        box = w.SelectMultiple(options=options, rows=min(6, max(3, len(options))), layout=w.Layout(width="17rem"))
        return _titled(box, self._say(f"filter.{column}"))

    def _range(self, column: str) -> Any:
        import ipywidgets as w

        values = self.all_leads[column].dropna()
        if values.empty or values.min() == values.max():
            return None
        low, high = float(np.floor(values.min())), float(np.ceil(values.max()))
        slider = w.FloatRangeSlider(
            value=(low, high), min=low, max=high, step=max(1.0, round((high - low) / 200)), readout_format=".0f",
            continuous_update=False, layout=w.Layout(width="17rem"),
        )  # fmt: skip
        return _titled(slider, self._say(f"filter.{column}"))

    def _arranged(self) -> Any:
        import ipywidgets as w

        self._before = w.Button(description=self._say("previous"), tooltip=self._say("previous_lead"))
        self._after = w.Button(description=self._say("next"), tooltip=self._say("next_lead"))
        self._reset = w.Button(description=self._say("show_all"))
        fields = [w.VBox([w.Label(one.tooltip), one]) for one in (*self._lists.values(), *self._ranges.values())]
        gap = w.Layout(flex_flow="row wrap", grid_gap="0.2rem 1.2rem")
        return w.VBox(
            [
                w.HBox(fields, layout=gap),
                w.HBox([self._reset, self._count], layout=gap),
                self._board,
                self._table,
                w.HBox([self._chooser, self._before, self._after], layout=gap),
                self._card,
                self._life_box,
            ],
            layout=w.Layout(width="100%"),
        )

    def _listen(self) -> None:
        for control in (*self._lists.values(), *self._ranges.values()):
            control.observe(lambda _: self._show(), names="value")
        self._reset.on_click(lambda _: self._show_all())
        self._before.on_click(lambda _: self._step(-1))
        self._after.on_click(lambda _: self._step(1))
        self._chooser.observe(self._typed, names="value")
        self._table.observe(self._selected, names="selected_rows")
        for trace in self._board.data:
            if trace.meta and trace.meta[0] == "dots":
                trace.on_click(self._clicked)

    def _clicked(self, trace: Any, points: Any, _state: Any) -> None:
        if points.point_inds:
            self.choose(str(trace.customdata[points.point_inds[0]]))

    def _selected(self, change: dict[str, Any]) -> None:
        if change["new"] and change["new"][0] < len(self.leads):
            self.choose(str(self.leads["lead_id"].iloc[change["new"][0]]))

    def _typed(self, change: dict[str, Any]) -> None:
        """A label from the list, or an id typed in."""
        named = self.all_leads[
            (self.all_leads["label"] == change["new"]) | (self.all_leads["lead_id"] == change["new"])
        ]
        if len(named):
            self.choose(str(named["lead_id"].iloc[0]))

    def _step(self, by: int) -> None:
        """Go along the table, also without a mouse."""
        if len(self.leads):
            place = self._row_of(self.lead_id)
            to = (0 if by > 0 else -1) if place is None else (place + by) % len(self.leads)
            self.choose(str(self.leads["lead_id"].iloc[to]))

    def _show_all(self) -> None:
        for box in self._lists.values():
            box.value = ()
        for slider in self._ranges.values():
            slider.value = (slider.min, slider.max)

    # ------------------------------------------------------------------ what is shown

    def _row_of(self, lead_id: str | None) -> int | None:
        found = np.flatnonzero((self.leads["lead_id"] == lead_id).to_numpy(dtype=bool))
        return int(found[0]) if len(found) else None

    def _show(self) -> None:
        """Bring everything in line with the filters."""
        language = self._audit.language
        self.leads = chosen(self.all_leads, self.filters)
        dots = boards.dots(self.leads, self._panels, language)
        self._count.value = paragraphs(self._said_count(len(dots)))
        with self._board.batch_update():
            for panel, trace in self._traces("dots"):
                here = dots[dots["place"] == panel.place]
                trace.update(
                    x=here["days"].tolist(), y=here["chance"].tolist(), text=here["said"].tolist(),
                    customdata=here["lead_id"].tolist(),
                    marker={"color": here["colour"].tolist(), "symbol": here["symbol"].tolist()},
                )  # fmt: skip
        self._ring()
        place = self._row_of(self.lead_id)
        self._table.update(
            rows(self.leads, language),
            caption=caption(len(self.leads), language),
            selected_rows=[] if place is None or place >= MOST_ROWS else [place],
        )
        self._chooser.options = tuple(self.leads["label"].head(MOST_ROWS))

    def _said_count(self, drawn: int) -> str:
        said = [self._say("count", n=len(self.all_leads), x=len(self.leads))]
        places = {panel.place for panel in self._panels}
        on_board = int((self.leads["place"].isin(places) & self.leads["stay_days"].notna()).sum())
        if drawn < on_board:
            said.append(self._say("sampled", x=drawn, n=on_board))
        if on_board < len(self.leads):
            said.append(self._say("off_board", n=len(self.leads) - on_board))
        return " ".join(said)

    def _traces(self, layer: str) -> list[tuple[boards.Panel, Any]]:
        by_axes = {trace.meta[1]: trace for trace in self._board.data if trace.meta and trace.meta[0] == layer}
        return [(panel, by_axes[panel.axes]) for panel in self._panels]

    def _ring(self) -> None:
        """A ring round the lead whose card is shown."""
        one = self.all_leads[self.all_leads["lead_id"] == self.lead_id]
        dot = boards.dots(one, self._panels, self._audit.language)
        with self._board.batch_update():
            for panel, trace in self._traces("ring"):
                here = dot[dot["place"] == panel.place]
                trace.update(x=here["days"].tolist(), y=here["chance"].tolist())

    def _repr_mimebundle_(self, **wanted: Any) -> Any:
        return self.widget._repr_mimebundle_(**wanted)

    def __repr__(self) -> str:
        """How many leads are shown."""
        return f"<View: {len(self.leads)} of {len(self.all_leads)} open leads>"


def _titled(control: Any, title: str) -> Any:
    """A control whose title is read out with it; it is printed above it by whoever arranges it."""
    control.tooltip = title
    return control


def view(audit: Audit, key: Path | str | None = None) -> View:
    """The open leads on their board, in a notebook.

    Parameters
    ----------
    audit : Audit
    key : path, optional
        The project's key (``leadaudit.key``): owners get the pseudonyms that belong to it.

    Raises
    ------
    MissingExtraError
        Without the extra ``lab``.
    """
    need_lab()
    return View(audit, Path(key) if key else None)
