"""Clients at addresses: fetched aside, known by their address, sent to workers that see nothing; results copied back up."""

from __future__ import annotations

import pickle  # noqa: TID251 - as a scheduler sends work
import zipfile
from pathlib import Path

import pytest
from batching import NO_PDF, Inline, three, tree

from leadaudit.batch import addresses, batch, night, working
from leadaudit.batch.travel import pack, packed_results, put_down, unpacked
from leadaudit.batch.upload import upload
from leadaudit.delivery import Order
from leadaudit.errors import ConfigError, LeadAuditError, MissingExtraError, OutputError
from leadaudit.report.placing import FAILED

fsspec = pytest.importorskip("fsspec", reason="the extra cluster is not installed")


@pytest.fixture
def bucket():
    """An empty storage in memory, with two clients and what is none."""
    memory = fsspec.filesystem("memory")
    memory.store.clear()
    for name in ("Acme", "Beta"):
        memory.pipe(f"/bucket/clients/{name}/leads.csv", f"Lead-ID;Status\n{name};Offen\n".encode())
        memory.pipe(f"/bucket/clients/{name}/~$leads.xlsx", b"a lock file")
        memory.pipe(f"/bucket/clients/{name}/notes/old.csv", b"not in the folder itself")
    memory.pipe("/bucket/clients/.hidden/leads.csv", b"Lead-ID;Status\n1;Offen\n")
    yield memory
    memory.store.clear()


def test_clients_behind_an_address_are_fetched_aside_and_known_by_it(bucket, quick: list[str], tmp_path: Path) -> None:
    """Only what changed there is audited, and nothing fetched is left behind."""
    kept: list[Path] = []

    def again(*patterns: str) -> list[str]:
        quick.clear()
        found = batch([*patterns], tmp_path / "out", shared=NO_PDF, progress=lambda *_: None)
        places.update({entry.slug: entry.place for entry in found.entries})
        return sorted(quick)

    places: dict[str, str] = {}
    real = working.deliver

    def seen(order: Order, folder: Path, **options: object):
        kept.extend(order.files)
        return real(order, folder, **options)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(working, "deliver", seen)
        patched.setattr(
            night, "run_all", lambda tasks, told, **_: working.run_all(tasks, told, jobs=1, executor=Inline())
        )
        assert again("memory://bucket/clients/*") == ["acme", "beta"]
        assert again("memory://bucket/clients/*") == []
        bucket.pipe("/bucket/clients/Beta/leads.csv", b"Lead-ID;Status\nBeta;Gewonnen\n")
        assert again("memory://bucket/clients/*") == ["beta"]

    assert places == {"acme": "memory:///bucket/clients/Acme", "beta": "memory:///bucket/clients/Beta"}
    assert {path.name for path in kept} == {"leads.csv"}
    assert not [path for path in kept if path.exists()]


def test_an_audit_toml_at_an_address_may_name_files_in_folders_below(bucket, tmp_path: Path) -> None:
    """The address of the file is that of its client; only then are folders below fetched."""
    bucket.pipe("/bucket/clients/Acme/audit.toml", b'[audit]\nclient = "Acme AG"\nfiles = ["notes/old.csv"]\n')

    with addresses.fetched(["memory://bucket/clients/*/audit.toml", "memory://bucket/clients/Beta"]) as got:
        held = {
            place: sorted(path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file())
            for place in got.places
        }

    assert sorted(held.values()) == [["audit.toml", "leads.csv", "notes/old.csv"], ["leads.csv"]]
    assert not [place for place in held if place.exists()]


def test_a_file_in_an_archive_and_a_path_written_as_address_are_clients(tmp_path: Path) -> None:
    """``zip://`` in front of another address, and ``file://`` for what lies here already: that is not copied."""
    three(tmp_path / "clients")
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("acme/leads.csv", "Lead-ID;Status\n1;Offen\n")
    chained = f"zip://acme::{(tmp_path / 'all.zip').as_uri()}"

    with addresses.fetched([chained, (tmp_path / "clients").as_uri() + "/*"]) as got:
        copied, here = got.patterns
        assert (Path(copied) / "leads.csv").read_text(encoding="utf-8").endswith("1;Offen\n")
        assert got.places[Path(copied)] == chained

    assert Path(here) == tmp_path / "clients" / "*"


def test_a_client_that_cannot_be_fetched_costs_one_sentence_and_is_tried_again(
    bucket, quick: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one is audited; no password of an address is in it."""
    real = type(bucket).get_file

    def refuse(self, path: str, place: str, **options: object) -> None:
        if "Acme" in path:
            raise PermissionError(13, "Permission denied", "secret-token")
        real(self, path, place, **options)

    monkeypatch.setattr(type(bucket), "get_file", refuse)
    first = batch(["memory://bucket/clients/*"], tmp_path / "out", shared=NO_PDF, executor=Inline())
    monkeypatch.setattr(type(bucket), "get_file", real)
    second = batch(["memory://bucket/clients/*"], tmp_path / "out", shared=NO_PDF, executor=Inline())

    troubles = {entry.slug: str(entry.trouble) for entry in first.entries if entry.trouble}
    assert troubles == {
        "acme": "memory:///bucket/clients/Acme could not be fetched (PermissionError: Permission denied). "
        "Check access and network; the next run tries again."
    }
    assert (first.exit_code, second.exit_code) == (3, 0)
    assert [entry.status for entry in second.entries] == ["done", "done"]


@pytest.mark.parametrize(
    ("address", "kind", "said"),
    [
        (
            "s3://bucket/clients/*",
            MissingExtraError,
            "Addresses such as s3://bucket/clients/* need the package s3fs. Install it with: pip install s3fs",
        ),
        ("gs://bucket/*", MissingExtraError, "need the package gcsfs"),
        ("az://anna:geheim@bucket/*", MissingExtraError, "Addresses such as az://bucket/* need the package adlfs"),
        ("nix://bucket/*", ConfigError, "nix://bucket/*: there is no such kind of address"),
        ("memory://bucket/nobody", LeadAuditError, "There is no file memory://bucket/nobody"),
    ],
)
def test_an_address_that_leads_nowhere_is_one_sentence(
    bucket, tmp_path: Path, address: str, kind: type[Exception], said: str
) -> None:
    """Without the package for it, the sentence names that package; nothing is written."""
    for package in ("s3fs", "gcsfs", "adlfs"):
        if package in said and _is_installed(package):
            pytest.skip(f"{package} is installed here")

    with pytest.raises(kind) as caught:
        batch([address], tmp_path / "out", shared=NO_PDF, executor=Inline())

    assert said in str(caught.value)
    assert not (tmp_path / "out").exists()


def _is_installed(package: str) -> bool:
    import importlib.util

    return importlib.util.find_spec(package) is not None


def test_storage_that_does_not_say_who_is_there_stops_before_anything_is_forgotten(
    bucket, quick: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Clients of yesterday keep their entries when the network is away."""
    batch(["memory://bucket/clients/*"], tmp_path / "out", shared=NO_PDF, executor=Inline())
    before = tree(tmp_path / "out")

    def away(*_: object, **__: object) -> None:
        raise TimeoutError

    monkeypatch.setattr(type(bucket), "glob", away)
    with pytest.raises(
        LeadAuditError, match=r"not known who the clients at memory://bucket/clients/\* are \(TimeoutError\)"
    ):
        batch(["memory://bucket/clients/*"], tmp_path / "out", shared=NO_PDF, executor=Inline())
    assert tree(tmp_path / "out") == before


def test_the_extra_is_named_where_addresses_need_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without fsspec a path works as ever, and an address says what to install."""
    monkeypatch.setitem(__import__("sys").modules, "fsspec.core", None)

    with addresses.fetched([str(tmp_path)]) as got:
        assert got.patterns == (str(tmp_path),)
    with pytest.raises(MissingExtraError, match=r"leadaudit\[cluster\]"), addresses.fetched(["s3://bucket/*"]):
        pass


# --- keys of pseudonyms -------------------------------------------------------------------------


def test_pseudonyms_of_a_client_from_an_address_keep_their_key_in_a_folder_of_keys(
    bucket, quick: list[str], tmp_path: Path
) -> None:
    """Without such a folder the key would be gone with what was fetched, so the client is not audited."""
    shared = Order((), pdf=False, privacy="full")
    without = batch(["memory://bucket/clients/*"], tmp_path / "out", shared=shared, executor=Inline())
    assert {entry.error["code"] for entry in without.entries} == {"key_place"}

    settings = tmp_path / "batch.toml"
    settings.write_text('[batch]\nclients = ["memory://bucket/clients/*"]\nkeys = "keys"\n', encoding="utf-8")
    found = batch([str(settings)], tmp_path / "out", shared=shared, executor=Inline())
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == ["acme.key", "beta.key"]
    assert [entry.status for entry in found.entries] == ["done", "done"]


# --- work that travels --------------------------------------------------------------------------


def test_what_travels_arrives_whole_and_leaves_nothing(tmp_path: Path) -> None:
    """Files, settings and key by their names; two files of one name stay two."""
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "leads.csv").write_text(folder, encoding="utf-8")
    (tmp_path / "audit.toml").write_text("[audit]\n", encoding="utf-8")
    order = Order(
        (tmp_path / "one" / "leads.csv", tmp_path / "two" / "leads.csv"),
        tmp_path / "audit.toml",
        key=tmp_path / "new.key",
    )

    with unpacked(pickle.loads(pickle.dumps(pack(order)))) as (there, folder):
        assert [path.read_text(encoding="utf-8") for path in there.files] == ["one", "two"]
        assert there.process.read_text(encoding="utf-8") == "[audit]\n"
        assert not there.key.exists()
        there.key.write_text("{}", encoding="utf-8")
        for name in ("audit.json", "report.html"):
            (folder / "out" / name).write_text('{"schema_version": 1, "files": {}}', encoding="utf-8")
        results = packed_results(folder, there)
    put_down(results, tmp_path / "out", order.key)

    assert not folder.exists()
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["audit.json", "report.html"]
    assert (tmp_path / "new.key").read_text(encoding="utf-8") == "{}"
    with pytest.raises(OutputError, match="not an audit's own"):
        put_down(results, tmp_path / "one", None)


# --- a copy at an address -----------------------------------------------------------------------


def test_results_are_copied_up_with_the_overview_last_and_only_once(
    bucket, quick: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader of the copy never follows a link that leads nowhere; what was not sent is sent the next time."""
    sent: list[str] = []
    real = type(bucket).put_file
    trouble: list[str] = []

    def put(self, here: str, there: str, **options: object) -> None:
        if any(word in there for word in trouble):
            raise OSError(28, "No space left on device")
        sent.append(there.removeprefix("/copies/"))
        real(self, here, there, **options)

    def pages(_: object, folder: Path, *__: object) -> None:
        for name in ("index.html", "comparison.html", "portfolio.ipynb"):
            (folder / name).write_text(f"of {len(quick)} audits", encoding="utf-8")

    def again() -> night.Night:
        sent.clear()
        return batch(
            ["memory://bucket/clients/*"], tmp_path / "out", shared=NO_PDF, executor=Inline(), upload="memory://copies"
        )

    monkeypatch.setattr(type(bucket), "put_file", put)
    monkeypatch.setattr(night, "make_pages", pages)
    trouble.append("beta/report.html")
    broken = again()
    assert broken.exit_code == 3
    assert "memory://copies (OSError: No space left on device)" in str(broken.unwritten)
    assert "index.html" not in sent

    trouble.clear()
    assert again().exit_code == 0
    assert sent == ["beta/report.html", "comparison.html", "portfolio.ipynb", "index.html", "batch.json"]
    assert again().uploaded_count == 0
    assert {path.removeprefix("/copies/") for path in bucket.find("/copies")} == set(tree(tmp_path / "out"))


def test_what_is_gone_here_goes_there_too_and_a_persons_work_stays_here(bucket, tmp_path: Path) -> None:
    """Only files that were sent are ever removed."""
    (tmp_path / "acme" / "earlier" / "1").mkdir(parents=True)
    for name in (
        "batch.json",
        "acme/report.html",
        f"acme/{FAILED}",
        "acme/earlier/1/report.ipynb",
        ".leadaudit-batch.lock",
    ):
        (tmp_path / name).write_text(name, encoding="utf-8")
    bucket.pipe("/copies/of-somebody-else.txt", b"stays")

    assert upload(tmp_path, "memory://copies") == 3
    (tmp_path / "acme" / FAILED).unlink()
    assert upload(tmp_path, "memory://copies") == 0
    assert upload(tmp_path, "memory://copies", again=True) == 2

    assert sorted(bucket.find("/copies")) == [
        "/copies/acme/report.html",
        "/copies/batch.json",
        "/copies/of-somebody-else.txt",
    ]
    assert bucket.cat("/copies/batch.json") == b"batch.json"
