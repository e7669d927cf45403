"""One batch.toml for a whole night: what it says, who wins, and what a slip in it costs."""

from __future__ import annotations

from pathlib import Path

import pytest
from batching import NO_PDF, Inline, three

from leadaudit.batch import batch
from leadaudit.batch.clients import Known, find_clients
from leadaudit.batch.plan import plan_of
from leadaudit.delivery import Order
from leadaudit.errors import ConfigError
from leadaudit.project import check_names, load

NIGHT = """\
[batch]
clients = ["clients/*"]
output = "reports"
jobs = 2
pdf = false
fail_on = ["overdue_share>0.3"]
upload = "memory://copies"
keys = "keys"

[audit]
language = "en"
as_of = "2026-01-01"

[criteria]
off = ["no_reaction"]

[limits]
pressure_count = 4
busy_share = 0.5

[clients.b]
client = "Beta GmbH"
language = "de"
privacy = "full"
key = "beta.key"
"""


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A batch.toml beside three clients."""
    three(tmp_path / "clients")
    (tmp_path / "batch.toml").write_text(NIGHT, encoding="utf-8")
    return tmp_path / "batch.toml"


def test_everything_can_stand_in_the_file_and_the_command_line_wins(written: Path) -> None:
    """Paths start from its folder; an option that is given replaces what it says."""
    plan = plan_of([str(written)], None, shared=Order(()))
    other = plan_of(
        [str(written)], "elsewhere", shared=Order(()), fail_on=["open_count>1"], jobs=1, upload="memory://x", pdf=True
    )

    assert plan.patterns == (str(written.parent / "clients/*"),)
    assert (plan.output, plan.keys) == (written.parent / "reports", written.parent / "keys")
    assert (plan.jobs, plan.shared.pdf, plan.upload) == (2, False, "memory://copies")
    assert [str(limit) for limit in plan.limits] == ["overdue_share>0.3"]
    assert (other.output, other.jobs, other.shared.pdf, other.upload) == (
        Path("elsewhere").resolve(),
        1,
        True,
        "memory://x",
    )
    assert [str(limit) for limit in other.limits] == ["open_count>1"]


def test_a_clients_own_file_wins_over_its_table_and_that_over_all(written: Path) -> None:
    """Key by key: what nobody else says comes from the file for all, and the command line is above everything."""
    (written.parent / "clients" / "a" / "audit.toml").write_text(
        '[audit]\nclient = "Alpha"\nlanguage = "de"\n\n[limits]\npressure_count = 7\n', encoding="utf-8"
    )

    def found(**given: str) -> dict[str, Order]:
        plan = plan_of([str(written)], None, shared=Order((), **given))
        known = Known(plan.each, written.parent)
        return {client.name: client.order for client in find_clients(plan.patterns, plan.shared, plan.output, known)}

    orders = found()
    alpha = load(orders["Alpha"].process, orders["Alpha"].defaults)

    assert sorted(orders) == ["Alpha", "Beta GmbH", "c"]
    assert (alpha.language, alpha.as_of) == ("de", "2026-01-01")
    assert (alpha.process.limits.pressure_count, alpha.process.limits.busy_share) == (7, 0.5)
    assert alpha.process.criteria_off == {"no_reaction"}
    beta = orders["Beta GmbH"]
    assert (beta.language, beta.privacy, beta.key) == ("de", "full", written.parent / "beta.key")
    assert load(None, orders["c"].defaults).language == "en"
    assert {order.language for order in found(language="en").values()} == {"en"}


def test_only_whom_a_change_of_the_file_concerns_is_audited_again(written: Path, quick: list[str]) -> None:
    """A new limit of --fail-on touches nobody, a table for one client touches that one, a setting for all touches all."""

    def again(change: str = "") -> list[str]:
        quick.clear()
        written.write_text(written.read_text(encoding="utf-8") + change, encoding="utf-8")
        batch([str(written)], shared=NO_PDF, executor=Inline())
        return sorted(quick)

    assert again() == ["a", "beta-gmbh", "c"]
    assert again() == []
    written.write_text(written.read_text(encoding="utf-8").replace("0.3", "0.4"), encoding="utf-8")
    assert again() == []
    assert again('\n[clients.c]\ntimezone = "UTC"\n') == ["c"]
    written.write_text(
        written.read_text(encoding="utf-8").replace("busy_share = 0.5", "busy_share = 0.6"), encoding="utf-8"
    )
    assert again() == ["a", "beta-gmbh", "c"]


def test_a_key_that_grows_does_not_make_its_client_another_one(written: Path, quick: list[str]) -> None:
    """The key is made before anybody works with it; the names it was used for are added with every audit."""
    batch([str(written)], shared=NO_PDF, executor=Inline())
    key = written.parent / "beta.key"
    quick.clear()
    key.write_text(key.read_text(encoding="utf-8").replace('"leads": {}', '"leads": {"L-1": "x"}'), encoding="utf-8")
    batch([str(written)], shared=NO_PDF, executor=Inline())
    assert quick == []

    key.write_text('{"key": "00", "leads": {}}', encoding="utf-8")
    batch([str(written)], shared=NO_PDF, executor=Inline())
    assert quick == ["beta-gmbh"]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("jobs = 2", "job = 2", "batch.toml, line 4: the key job is unknown. Valid here: clients, fail_on, jobs, keys"),
        ("jobs = 2", "jobs = 0", "line 4: jobs = 0 does not fit. Expected: greater than or equal to 1"),
        ('language = "en"', 'language = "fr"', "line 11: language = fr does not fit. Expected: '', 'de' or 'en'"),
        ('client = "Beta GmbH"', 'customer = "B"', "line 22: the key customer is unknown. Valid here: as_of, client, files"),
        ("[clients.b]", "[clients.bb]", "line 21: clients names bb, which there is not. Those there are: a, b, c. Did you mean b"),
        ('keys = "keys"', 'keys = "reports/keys"', "keys = reports/keys does not fit. Expected: a folder outside of the results"),
        ('"overdue_share>0.3"', '"overdue_shar>0.3"', "Did you mean overdue_share"),
        ('output = "reports"', 'output = "s3://bucket/reports"', "Name one with -o, and s3://bucket/reports with --upload"),
        ('output = "reports"\n', "", "output =  does not fit. Expected: -o DIR, output = … in batch.toml"),
        ("[audit]", "[audits]", "line 10: the key audits is unknown. Valid here: audit, batch, clients, criteria"),
    ],
)  # fmt: skip
def test_a_slip_in_the_file_is_one_sentence_before_anything_is_done(
    written: Path, quick: list[str], before: str, after: str, said: str
) -> None:
    """File, line, key, and what is valid; nobody is audited on half the settings."""
    assert before in NIGHT
    written.write_text(NIGHT.replace(before, after, 1), encoding="utf-8")

    with pytest.raises(Exception) as caught:
        batch([str(written)], shared=NO_PDF, executor=Inline())

    assert said in str(caught.value)
    assert quick == []
    assert not (written.parent / "reports").exists()


def test_a_name_that_no_client_knows_is_looked_up_in_the_file_that_says_it(written: Path) -> None:
    """A criterion switched off for all is misspelt there, one of a client in its own file."""
    own = written.parent / "audit.toml"
    own.write_text('[criteria]\nurgency_columns = ["Budgt"]\n', encoding="utf-8")

    with pytest.raises(ConfigError, match=r"batch\.toml, line 15: off names no_reaction"):
        check_names(load(None, written), columns=["Budget"], criteria=["horizon_passed"])
    with pytest.raises(ConfigError, match=r"audit\.toml, line 2: urgency_columns names Budgt.*Did you mean Budget"):
        check_names(load(own, written), columns=["Budget"], criteria=["no_reaction"])
