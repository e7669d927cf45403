"""What the CRM knows at a moment: the three tables, made from lives, moves and contacts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from leadaudit.simulate import words
from leadaudit.simulate.contacts import DIRECTIONS, KINDS, MEETING, MUTUAL, TOPICS
from leadaudit.simulate.lives import CLOSED_BY_THEM, CLOSED_BY_US, CLOSED_WON, GHOSTED, Floats, Ints, Lives
from leadaudit.simulate.moves import BY_OWNER, CLEANER, Moves, resume_dates
from leadaudit.simulate.office import in_office
from leadaudit.simulate.pipeline import Pipeline
from leadaudit.simulate.words import Texts

BACKDATED_SHARE = 0.06
NO_CLOSED_DATE_SHARE = 0.03
NO_REASON_SHARE = 0.22
NO_AMOUNT_SHARE = 0.09
ORPHAN_SHARE = 0.006
NEWSLETTER_DAYS = 61


@dataclass(frozen=True)
class Clock:
    """Turns days since the start into timestamps."""

    start: pd.Timestamp

    def at(self, days: Floats, unit: str = "min") -> pd.Series:
        """Timestamps, rounded down to the unit; NaN becomes NaT."""
        seconds = np.floor(np.asarray(days, dtype="float64") * 86_400 + 1e-3)
        return (self.start + pd.to_timedelta(pd.Series(seconds), unit="s")).dt.floor(unit).astype("datetime64[us]")


@dataclass(frozen=True)
class Setting:
    """What all tables are made with."""

    lives: Lives
    pipeline: Pipeline
    language: str
    clock: Clock
    moment: float
    ids: Texts
    owners: Texts
    companies: Texts


def lead_ids(count: int) -> Texts:
    """Numbers as a CRM gives them, in order of creation."""
    return np.array([f"L-{10_000 + 3 * number:05d}" for number in range(count)], dtype=object)


def changes(setting: Setting, moves: Moves, closes: pd.DataFrame, steps: pd.DataFrame) -> pd.DataFrame:
    """Stage moves, slipped dates and next steps known at the moment, in the columns of ``tables.CHANGES``."""
    known = moves.before(setting.moment)
    names = np.array(setting.pipeline.names, dtype=object)
    same = known["lead"] == known["lead"].shift()
    before = known["after"].shift()
    stages = pd.DataFrame({
        "lead": known["lead"], "at": setting.clock.at(known["time"].to_numpy(), "s").to_numpy(), "field": "stage",
        "before": words.where(same.to_numpy(), names[before.fillna(0).astype(int)]), "after": names[known["after"]],
        "by": _actors(setting, known),
    })  # fmt: skip
    parts = [stages]
    for field, rows in (("expected_close_at", closes), ("next_step_at", steps)):
        rows = rows[rows["time"] < setting.moment]  # noqa: PLW2901  what is known of it
        dates = [setting.clock.at(rows[name].to_numpy(), "D").dt.strftime("%Y-%m-%d") for name in ("before", "after")]
        lead = rows["lead"].to_numpy()
        parts.append(pd.DataFrame({
            "lead": lead, "at": setting.clock.at(rows["time"].to_numpy(), "s"), "field": field,
            "before": dates[0], "after": dates[1], "by": setting.owners[lead],
        }))  # fmt: skip
    frame = pd.concat(parts, ignore_index=True).sort_values(["lead", "at"], kind="stable", ignore_index=True)
    frame["lead_id"] = setting.ids[frame["lead"]]
    of_stage = (frame["field"] == "stage").to_numpy()
    frame["pipeline"] = words.where(of_stage, np.full(len(frame), setting.pipeline.name, dtype=object))
    frame["at_uncertainty_days"] = 0.0
    frame["seq"] = frame.groupby("lead").cumcount()
    return frame.drop(columns="lead")


def _actors(setting: Setting, known: pd.DataFrame) -> Texts:
    by, lead = known["by"].to_numpy(), known["lead"].to_numpy()
    cleaner = words.CLEANER[setting.language]
    return words.where((by == CLEANER) | (by == BY_OWNER), np.where(by == CLEANER, cleaner, setting.owners[lead]))


def activities(setting: Setting, contacts: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Activities known at the moment: done ones before it, planned ones on both sides of it."""
    ahead = contacts[contacts["time"] >= setting.moment]
    open_now = ~(setting.lives.closed < setting.moment)
    planned = ahead[(ahead["kind"] == MEETING) & (ahead["direction"] == MUTUAL) & open_now[ahead["lead"]]]
    planned = planned[rng.random(len(planned)) < 0.5].assign(done=False, outcome=0)
    done = contacts[contacts["time"] < setting.moment]
    # Meetings that were entered once and never held: a date in the past, still planned.
    never = done[(done["kind"] == MEETING) & (rng.random(len(done)) < 0.06)].assign(done=False, outcome=0)
    week_before = np.maximum(never["time"] - 7, setting.lives.created[never["lead"]] + 0.01)
    rows = pd.concat([done, never.assign(time=week_before), planned], ignore_index=True)
    lead, topic = rows["lead"].to_numpy(), rows["topic"].to_numpy()
    frame = pd.DataFrame({
        "lead_id": setting.ids[lead], "at": setting.clock.at(rows["time"].to_numpy()),
        "kind": np.array(KINDS, dtype=object)[rows["kind"]],
        "direction": np.array(DIRECTIONS, dtype=object)[rows["direction"]],
        "subject": _subjects(topic, setting, lead, rng),
        "outcome": np.array(words.OUTCOMES[setting.language], dtype=object)[rows["outcome"]],
        "by": setting.owners[lead], "done": rows["done"].to_numpy(),
    })  # fmt: skip
    frame["outcome"] = frame["outcome"].where(frame["outcome"] != "", None)
    orphan = rng.random(len(frame)) < ORPHAN_SHARE
    frame.loc[orphan, "lead_id"] = [f"L-{number}" for number in 90_000 + rng.integers(0, 400, orphan.sum())]
    frame = pd.concat([frame, _newsletters(setting, rng)], ignore_index=True)
    return frame.sort_values(["at", "lead_id"], kind="stable", ignore_index=True)


def _subjects(topic: Ints, setting: Setting, lead: Ints, rng: np.random.Generator) -> Texts:
    """Subjects as people write them: mails name the company, so that no two leads get the same."""
    lists = [words.SUBJECTS[setting.language][name] for name in TOPICS]
    width = max(len(texts) for texts in lists)
    table = np.array([[texts[i % len(texts)] for i in range(width)] for texts in lists], dtype=object)
    text = table[topic, rng.integers(0, width, len(topic))]
    plain = np.isin(topic, [TOPICS.index(name) for name in ("first_enquiry", "call_out", "call_in", "note", "task")])
    return np.where(plain, text, text + " – " + setting.companies[lead])


def _newsletters(setting: Setting, rng: np.random.Generator) -> pd.DataFrame:
    """Mailings: the same subject to many leads on one morning."""
    parts = []
    for number, day in enumerate(np.arange(40, setting.moment - 7, NEWSLETTER_DAYS)):
        # Mailings go out on Tuesdays.
        moment = day + (1 - setting.clock.start.weekday() - day) % 7 + 7.25 / 24
        reached = (setting.lives.created < moment) & ~(setting.lives.closed < moment - 120)
        lead = np.nonzero(reached & (rng.random(setting.lives.count) < 0.7))[0]
        seconds = np.arange(len(lead)) / 2 / 86_400
        subject = f"{words.SUBJECTS[setting.language]['newsletter'][0]} {number + 1}"
        parts.append(pd.DataFrame({
            "lead_id": setting.ids[lead], "at": setting.clock.at(moment + seconds), "kind": "email", "direction": "outbound",
            "subject": subject, "outcome": None, "by": None, "done": True,
        }))  # fmt: skip
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def leads(
    setting: Setting,
    moves: Moves,
    closes: pd.DataFrame,
    steps: pd.DataFrame,
    contacts: pd.DataFrame,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """The lead list as it stands at the moment, in the columns of ``tables.LEADS`` and some of its own."""
    lives, pipeline, at = setting.lives, setting.pipeline, setting.clock.at
    count, stages_count = lives.count, len(pipeline.stages)
    last = moves.before(setting.moment).groupby("lead").last().reindex(np.arange(count))
    stage = last["after"].fillna(0).astype(int).to_numpy()
    status = np.array(["open"] * stages_count + ["paused", "won", "lost"], dtype=object)[stage]
    ended = stage > stages_count
    company = setting.companies
    done = contacts[contacts["time"] < setting.moment].groupby("lead")["time"].max().reindex(np.arange(count))
    date = _last_known(closes, setting)
    shown = np.array([s.probability for s in pipeline.stages] + [0.1, 1.0, 0.0])[stage]
    step = np.where(ended, np.nan, _last_known(steps, setting))
    lost = stage == stages_count + 2
    frame = pd.DataFrame({
        "lead_id": setting.ids, "name": words.projects(company, setting.language, rng), "company": company,
        "owner": setting.owners, "source": np.array(words.SOURCES[setting.language], dtype=object)[lives.source],
        "pipeline": pipeline.name, "stage": np.array(pipeline.names, dtype=object)[stage], "status": status,
        "amount": _amounts(lives, rng), "currency": "EUR" if setting.language == "de" else "GBP",
        "probability": np.where((rng.random(count) < 0.12) & ~ended, np.round(rng.random(count), 1), shown),
        "created_at": at(lives.created), "stage_entered_at": at(last["time"].to_numpy()),
        "last_activity_at": at(done.to_numpy()),
        "next_step": _step_texts(setting, ~np.isnan(step), stage <= stages_count, rng), "next_step_at": at(step, "D"),
        "expected_close_at": at(date, "D"), "closed_at": at(_closed_dates(lives, last, ended, rng)),
        "lost_reason": words.where(lost, _reasons(setting, rng)),
        "paused_until": at(np.where(stage == stages_count, resume_dates(lives, setting.moment), np.nan), "D"),
    })  # fmt: skip
    return pd.concat([frame, preconditions(setting, rng)], axis=1)


def _last_known(rows: pd.DataFrame, setting: Setting) -> Floats:
    known = rows[rows["time"] < setting.moment].groupby("lead")["after"].last()
    return known.reindex(np.arange(setting.lives.count)).to_numpy(dtype="float64")


def _amounts(lives: Lives, rng: np.random.Generator) -> Floats:
    amount = np.round(np.exp(rng.normal(10.1, 0.75, lives.count)) / 500) * 500 + np.where(
        rng.random(lives.count) < 0.1, 249.5, 0
    )
    return np.where(rng.random(lives.count) < NO_AMOUNT_SHARE, np.nan, np.maximum(amount, 1500))


def _closed_dates(lives: Lives, last: pd.DataFrame, ended: np.ndarray, rng: np.random.Generator) -> Floats:
    """Mostly the moment of the last move; sometimes dated back, sometimes missing."""
    moved = last["time"].to_numpy()
    back = np.where(rng.random(lives.count) < BACKDATED_SHARE, rng.uniform(3, 40, lives.count), 0)
    closed = np.where(back > 0, np.maximum(moved - back, lives.created), moved)
    return np.where(ended & (rng.random(lives.count) >= NO_CLOSED_DATE_SHARE), closed, np.nan)


def _reasons(setting: Setting, rng: np.random.Generator) -> Texts:
    lives, language = setting.lives, setting.language
    by_us = words.picked(words.LOST_BY_US[language], lives.count, rng)
    by_them = words.picked(words.LOST_BY_THEM[language], lives.count, rng)
    reason = np.where(lives.closing == CLOSED_BY_THEM, by_them, by_us)
    reason = np.where((lives.end == GHOSTED) & (rng.random(lives.count) < 0.7), words.LOST_NO_ANSWER[language], reason)
    said = np.isin(lives.closing, (CLOSED_BY_THEM, CLOSED_BY_US, CLOSED_WON)) & (
        rng.random(lives.count) >= NO_REASON_SHARE
    )
    return words.where(said, reason)


def next_steps(lives: Lives, moment: float, weekday: int, rng: np.random.Generator) -> pd.DataFrame:
    """Dates of next steps and how they were moved: columns lead, time, before, after (days)."""
    standing = (lives.created < moment - 1) & ~(lives.closed < moment)
    lead = np.nonzero(standing & (rng.random(lives.count) < np.array([0.8, 0.85, 0.3])[lives.style]))[0]
    # A lead that is still cared for has its step ahead, one that nobody cares for behind it.
    recent = np.where(lives.last_seen[lead] < moment, lives.last_seen[lead], moment)
    set_at = np.maximum(recent - rng.exponential(8, len(lead)), lives.created[lead] + 0.2)
    date = np.floor(set_at + rng.uniform(3, 40, len(lead)))
    parts = [pd.DataFrame({"lead": lead, "time": set_at, "before": np.nan, "after": date})]
    for _ in range(3):
        again = (date < moment) & (rng.random(len(lead)) < np.array([0.65, 0.35, 0.1])[lives.style[lead]])
        lead, before, set_at = lead[again], date[again], date[again] + rng.uniform(-1, 2, again.sum())
        date = np.floor(set_at + rng.uniform(5, 25, len(lead)))
        parts.append(pd.DataFrame({"lead": lead, "time": set_at, "before": before, "after": date}))
    rows = pd.concat(parts, ignore_index=True)
    rows["time"] = in_office(rows["time"].to_numpy(), lives.created[rows["lead"]], weekday)
    return rows.sort_values(["lead", "time"], kind="stable", ignore_index=True)


def _step_texts(setting: Setting, dated: np.ndarray, standing: np.ndarray, rng: np.random.Generator) -> Texts:
    count = setting.lives.count
    vague = rng.random(count) < np.array([0.75, 0.35, 0.7])[setting.lives.style]
    texts = np.where(
        vague,
        words.picked(words.STEPS_VAGUE[setting.language], count, rng),
        words.picked(words.STEPS_CONCRETE[setting.language], count, rng),
    )
    return words.where(dated | (standing & (rng.random(count) < 0.12)), texts)


def preconditions(setting: Setting, rng: np.random.Generator) -> pd.DataFrame:
    """Criteria as far as somebody asked: the farther a lead came the more is known; what is known shows its fit."""
    lives = setting.lives
    asked = np.array([0.15, 0.40, 0.62, 0.75, 0.85])
    reached = (lives.entered < setting.moment).sum(axis=1) - 1
    chance_known = np.interp(reached / max(lives.entered.shape[1] - 1, 1), np.linspace(0, 1, 5), asked)
    columns = {}
    for name, values in words.PRECONDITIONS[setting.language].items():
        score = (
            lives.fit + rng.normal(0, 0.16, lives.count) + (0.35 * (lives.urgency - 0.45) if len(values) == 3 else 0)
        )
        limits = [0.30] if len(values) == 2 else [0.52, 0.26]
        level = sum((score < limit).astype(int) for limit in limits)
        known = rng.random(lives.count) < chance_known
        columns[name] = words.where(known, np.array(values, dtype=object)[level])
    return pd.DataFrame(columns)
