"""Who is a client, what a limit means, and how clients compare without names."""

from __future__ import annotations

from pathlib import Path

import pytest
from batching import NO_PDF, a_record, three

from leadaudit.batch import condition, metrics_of
from leadaudit.batch.clients import find_clients, free_slug
from leadaudit.errors import ConfigError
from leadaudit.report.portfolio import Portfolio, comparison, quantiles


def test_folders_settings_and_single_files_are_clients(tmp_path: Path) -> None:
    """A folder and its own audit.toml are one client; lock files of Excel, hidden files and results are none."""
    clients = three(tmp_path / "clients")
    (clients / "a" / "audit.toml").write_text('[audit]\nclient = "Alpha"\n', encoding="utf-8")
    (clients / "a" / "~$leads.xlsx").write_bytes(b"")
    (clients / "d.csv").write_text("Lead-ID;Status\n1;Offen\n", encoding="utf-8")
    (clients / "results").mkdir()
    (clients / "results" / "audit.json").write_text('{"schema_version": 1}', encoding="utf-8")
    (clients / "empty").mkdir()

    found = find_clients([str(clients / "*"), str(clients / "a" / "audit.toml")], NO_PDF, tmp_path / "out")

    assert [client.name for client in found] == ["Alpha", "b", "c", "d", "empty"]
    assert [path.name for path in found[0].order.files] == ["leads.csv"]
    assert found[0].order.process == clients / "a" / "audit.toml"
    assert [client.trouble and client.trouble.code for client in found] == [None, None, None, None, "client_empty"]


def test_names_of_folders_are_short_free_and_valid_on_windows() -> None:
    """Sixty characters, none twice, none that Windows keeps for itself."""
    from leadaudit.batch.clients import RESERVED

    used = set(RESERVED)
    names = []
    for name in ("ä" * 100, "ä" * 100, "CON", "東京", "...", "A.B"):
        names.append(free_slug(name, used))
        used.add(names[-1])

    assert names[2:] == ["con-2", "section", "client", "a-b"]
    assert max(map(len, names)) == 60
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("text", "value", "holds"),
    [
        ("overdue_share>0.3", 0.31, True),
        ("overdue_share > 30%", 0.3, False),
        ("overdue_share<=0.3", 0.3, True),
        ("open_load>=2", None, False),
    ],
)
def test_a_limit_holds_for_numbers_and_never_for_what_is_not_known(text: str, value: float | None, holds: bool) -> None:
    """A number that the export does not tell reaches no limit."""
    limit = condition(text)

    assert limit.holds({limit.metric: value}) is holds


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("overdue_share", "cannot be read"),
        ("a=1", "cannot be read"),
        ("overdue_shar>1", "Did you mean overdue_share"),
        ("x>1", "no metric x"),
    ],
)
def test_a_limit_that_means_nothing_is_refused_with_one_sentence(text: str, said: str) -> None:
    """A mistyped name would never be reached."""
    with pytest.raises(ConfigError, match=said):
        condition(text)


def test_a_finding_can_be_a_limit() -> None:
    """Every finding of the report has a number under its own name."""
    assert str(condition("stuck_stages > 0.5")) == "stuck_stages>0.5"
    assert metrics_of(a_record())["open_load"] is None
    assert metrics_of(a_record())["overdue_share"] == 0.2


def test_the_comparison_says_where_each_stands_and_names_nobody(tmp_path: Path) -> None:
    """Quantiles among the others, by letter, from five clients on."""

    def portfolio(count: int) -> Portfolio:
        rows = [
            {
                "client": f"Firma {n}",
                "slug": f"firma-{n}",
                "status": "done",
                "metrics": {"overdue_share": n / 10, "stalled_share": None, "progressing_share": 0.5, "open_load": 1.0},
            }
            for n in range(count)
        ]
        return Portfolio("de", tuple(rows))

    page, letters = comparison(portfolio(6)).html, portfolio(6).letters()
    ranks = quantiles(portfolio(6).known("overdue_share"))

    assert ranks == {f"firma-{n}": pytest.approx(n / 5) for n in range(6)}
    assert sorted(letters.values()) == list("ABCDEF")
    assert f'>{letters["firma-4"]}</td><td class="number" data-sort="0.8">80\xa0%</td>' in page
    assert "irma" not in page
    assert "mindestens 5 Kunden" in comparison(portfolio(4)).html
