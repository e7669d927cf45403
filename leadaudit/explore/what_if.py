"""``audit.what_if()``: other limits under the hand, and what would follow from them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from leadaudit.errors import LeadAuditError
from leadaudit.explore.consequences import bar_lengths, changes_html, counts_html, counts_picture, days_html
from leadaudit.explore.keeping import keep
from leadaudit.explore.lab import need_lab
from leadaudit.explore.pictures import paragraphs
from leadaudit.explore.settings import SWITCHES, Key, Settings, Trial
from leadaudit.language import error_sentence, sentence
from leadaudit.process_file import FILE
from leadaudit.report.charts.drawing import stage_label

if TYPE_CHECKING:
    from leadaudit.audit import Audit

LEAST_PERCENT, MOST_PERCENT, STEP_PERCENT = 25, 300, 5
MOST_CONTACTS = 15


class WhatIf:
    """Other limits, and what would follow.

    Attributes
    ----------
    settings : Settings
        What the controls say now.
    outcome : Outcome
        What follows: ``leads``, ``changed``, ``counts`` and ``load`` are frames.
    widget : ipywidgets.VBox
        What a notebook shows.
    """

    def __init__(self, audit: Audit, path: Path, files: Sequence[Path] = ()) -> None:
        import ipywidgets as w

        from leadaudit.explore.whole import Picture

        self._trial, self._language, self._path, self._files = Trial.of(audit), audit.language, path, files
        self._factors: dict[str, dict[Key, float]] = {"patience": {}, "horizon": {}}
        self._unanswered_moved = False
        self._quiet = False
        self.outcome = self._trial.under(Settings())
        self._counts, self._changes, self._days, self._said = w.HTML(), w.HTML(), w.HTML(), w.HTML()
        self._picture = Picture(counts_picture(self.outcome, self._language)).announce()
        self._controls()
        self.widget = self._arranged()
        self._listen()
        self._show()

    @property
    def settings(self) -> Settings:
        """What the controls say."""
        moved = self._unanswered_moved and not self._unanswered.disabled
        off = frozenset(name for name, box in self._switches.items() if not box.value)
        others = self._trial.audit.process.criteria_off - set(self._switches)
        return Settings(
            patience=dict(self._factors["patience"]),
            horizon=dict(self._factors["horizon"]),
            unanswered_count=self._unanswered.value if moved else None,
            criteria_off=off | others,
        )

    def keep(self) -> list[str]:
        """Write the settings into the project's file and say what was written (:func:`leadaudit.explore.keeping.keep`)."""
        return keep(self._trial, self.settings, self._path, self._files)

    # ------------------------------------------------------------------ controls

    def _say(self, key: str, **facts: Any) -> str:
        return sentence(f"explore.{key}", self._language, **facts)

    def _controls(self) -> None:
        import ipywidgets as w

        wide, style = w.Layout(width="30rem"), {"description_width": "11rem"}
        keys = list(self._trial.limits.index)
        several = len({pipeline for pipeline, _ in keys}) > 1
        names = [
            (stage_label({"pipeline": key[0], "stage": key[1]}, with_pipeline=several), number)
            for number, key in enumerate(keys)
        ]
        self._scope = w.Dropdown(
            options=[(self._say("all_stages"), -1), *names],
            value=-1,
            description=self._say("scope"),
            layout=wide,
            style=style,
        )
        percent = {
            "value": 100,
            "min": LEAST_PERCENT,
            "max": MOST_PERCENT,
            "step": STEP_PERCENT,
            "layout": wide,
            "style": style,
        }
        self._sliders = {
            "patience": w.IntSlider(**percent, description=self._say("patience")),
            "horizon": w.IntSlider(**percent, description=self._say("horizon")),
        }
        self._sliders["horizon"].disabled = not self._trial.limits["horizon_days"].notna().any()
        self._unanswered = w.IntSlider(
            value=self._unanswered_now(), min=1, max=MOST_CONTACTS, description=self._say("unanswered"), layout=wide, style=style,
            disabled=not self._reactions_known(),
        )  # fmt: skip
        off = self._trial.audit.process.criteria_off
        self._switches = {
            name: w.Checkbox(
                value=name not in off,
                description=sentence(f"reason.{name}", self._language),
                indent=False,
                layout=w.Layout(width="22rem"),
            )
            for name in SWITCHES
        }

    def _unanswered_now(self) -> int:
        limits, learned = self._trial.audit.process.limits, self._trial.audit.judgement.learned.streak_limit_count
        now = limits.unanswered_fixed_count or learned or limits.unanswered_default_count
        return min(int(now), MOST_CONTACTS)

    def _reactions_known(self) -> bool:
        """Without reactions in the export, unanswered contacts cannot be told."""
        facts = self._trial.judgement.facts
        share = facts.norms.reaction_share
        return facts.directions_known and share is not None and share >= facts.process.limits.reaction_min_share

    def _arranged(self) -> Any:
        import ipywidgets as w

        self._reset = w.Button(description=self._say("reset"))
        self._keep = w.Button(description=self._say("keep"), tooltip=self._say("keep_hint", path=self._path.name))
        wrap = w.Layout(flex_flow="row wrap", grid_gap="0.2rem 1.6rem", width="100%")
        limits = [self._scope, *self._sliders.values(), self._unanswered]
        if self._unanswered.disabled:
            limits.append(w.HTML(paragraphs(self._say("no_reactions"))))
        return w.VBox(
            [
                w.HBox([w.VBox(limits), w.VBox([self._counts])], layout=wrap),
                self._picture,
                w.HTML(paragraphs(heading=self._say("criteria"))),
                w.HBox(list(self._switches.values()), layout=wrap),
                w.HBox([self._reset, self._keep]),
                self._said,
                w.HBox([self._days, self._changes], layout=wrap),
            ],
            layout=w.Layout(width="100%"),
        )

    def _listen(self) -> None:
        self._scope.observe(lambda _: self._show_factors(), names="value")
        for name, slider in self._sliders.items():
            slider.observe(lambda change, name=name: self._moved(name, change["new"]), names="value")
        self._unanswered.observe(lambda _: self._counted(), names="value")
        for box in self._switches.values():
            box.observe(lambda _: self._show(), names="value")
        self._reset.on_click(lambda _: self._as_it_was())
        self._keep.on_click(lambda _: self._kept())

    def _chosen_keys(self) -> list[Key]:
        keys = list(self._trial.limits.index)
        return keys if self._scope.value < 0 else [keys[self._scope.value]]

    def _moved(self, name: str, percent: int) -> None:
        if not self._quiet:
            self._factors[name].update(dict.fromkeys(self._chosen_keys(), percent / 100))
            self._show()

    def _counted(self) -> None:
        if not self._quiet:
            self._unanswered_moved = True
            self._show()

    def _show_factors(self) -> None:
        """The sliders stand where they were left for the stage that is chosen now."""
        self._quiet = True
        for name, slider in self._sliders.items():
            factors = {self._factors[name].get(key, 1.0) for key in self._chosen_keys()}
            slider.value = round(100 * max(factors))
        if self._scope.value >= 0:
            self._sliders["horizon"].disabled = bool(
                pd.isna(self._trial.limits["horizon_days"].iloc[self._scope.value])
            )
        else:
            self._sliders["horizon"].disabled = not self._trial.limits["horizon_days"].notna().any()
        self._quiet = False

    def _as_it_was(self) -> None:
        self._factors = {"patience": {}, "horizon": {}}
        self._unanswered_moved = False
        self._quiet = True
        self._unanswered.value = self._unanswered_now()
        for name, box in self._switches.items():
            box.value = name not in self._trial.audit.process.criteria_off
        self._quiet = False
        self._show_factors()
        self._said.value = ""
        self._show()

    def _kept(self) -> None:
        try:
            said = self.keep()
        except LeadAuditError as error:
            said = [error_sentence(error, self._language)]
        self._said.value = paragraphs(*said)

    # ------------------------------------------------------------------ what is shown

    def _show(self) -> None:
        if self._quiet:
            return
        settings = self.settings
        self.outcome = self._trial.under(settings)
        counts = self.outcome.counts
        with self._picture.batch_update():
            for trace in self._picture.data:
                lengths = bar_lengths(counts.loc[trace.meta])
                if list(trace.x) != lengths["x"]:
                    trace.update(lengths)
        self._counts.value = counts_html(self.outcome, self._language)
        self._changes.value = changes_html(self.outcome, self._language)
        self._days.value = days_html(self._trial.days(settings), self._language)

    def _repr_mimebundle_(self, **wanted: Any) -> Any:
        return self.widget._repr_mimebundle_(**wanted)

    def __repr__(self) -> str:
        """How many leads have another verdict."""
        return f"<WhatIf: {len(self.outcome.changed)} of {len(self.outcome.leads)} open leads change>"


def what_if(audit: Audit, path: Path | str = "", files: str | Sequence[Path] = ()) -> WhatIf:
    """Sliders for patience, horizon and unanswered contacts, and switches for criteria, in a notebook.

    Parameters
    ----------
    audit : Audit
    path : path, optional
        The ``audit.toml`` that *keep* writes into; by default one in the working folder.
    files : sequence of Path or str, optional
        The exports, should that file have to be drafted; a text may join several by ``;``.

    Raises
    ------
    MissingExtraError
        Without the extra ``lab``.
    """
    need_lab()
    named = [Path(name.strip()) for name in files.split(";") if name.strip()] if isinstance(files, str) else list(files)
    return WhatIf(audit, Path(path or FILE), named)
