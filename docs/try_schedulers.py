"""Run the Airflow and Prefect examples of docs/batch.md for real, each with its own package installed.

    python -m venv try && try/bin/pip install . prefect && try/bin/python docs/try_schedulers.py prefect
    python -m venv try && try/bin/pip install . apache-airflow-core apache-airflow-providers-papermill
    try/bin/python docs/try_schedulers.py airflow

Not part of the tests: either package is larger than all that leadaudit needs. The example is taken from
the page as it stands; only its folders are replaced by temporary ones.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

PAGE = Path(__file__).with_name("batch.md")
DAY = "2026-11-01"


def example(word: str, folder: Path) -> str:
    """The one Python example that holds a word, with its folders below another one."""
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    (found,) = (block for block in blocks if word in block)
    return found.replace("/srv/", f"{folder.as_posix()}/")


def write_exports(folder: Path) -> None:
    """One client with the packaged sample."""
    from leadaudit.packaged import sample_paths

    (folder / "exports" / "acme").mkdir(parents=True)
    for path in sample_paths():
        (folder / "exports" / "acme" / path.name).write_bytes(path.read_bytes())


def prefect(folder: Path) -> None:
    """Call the flow; Prefect starts a server of its own for it."""
    os.environ |= {"PREFECT_HOME": str(folder / "prefect"), "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "300"}
    script = folder / "flow.py"
    script.write_text(
        example("@flow", folder) + '\nif __name__ == "__main__":\n    nightly_audits()\n', encoding="utf-8"
    )
    subprocess.run([sys.executable, str(script)], check=True)
    print((folder / "audits" / "batch.json").read_text(encoding="utf-8")[:200])
    assert (folder / "audits" / "acme" / "report.html").is_file()
    assert (folder / "audits" / "index.html").is_file()


def airflow(folder: Path) -> None:
    """Put the operator into a DAG and run it in this process, database and templates included."""
    os.environ |= {
        "AIRFLOW_HOME": str(folder / "airflow"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": "600",
    }
    dags = folder / "dags"
    os.environ["AIRFLOW__CORE__DAGS_FOLDER"] = str(dags)
    (folder / "audits" / "acme" / DAY / "tables").mkdir(parents=True)
    dags.mkdir()
    body = "\n".join(f"    {line}" for line in example("PapermillOperator", folder).splitlines())
    (dags / "audits.py").write_text(
        f"from airflow.sdk import DAG\n\nwith DAG('audits', schedule=None) as dag:\n{body}\n", encoding="utf-8"
    )
    binary = str(Path(sys.executable).with_name("airflow"))
    subprocess.run([binary, "db", "migrate"], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([binary, "dags", "reserialize"], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([binary, "dags", "test", "audits", DAY], check=True)
    made = folder / "audits" / "acme" / DAY
    print(sorted(path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file()))
    assert {"leads.csv", "audit.json", "decisions.xlsx"} <= {path.name for path in (made / "tables").iterdir()}
    assert (made / "report.ipynb").is_file()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="leadaudit-try-") as place:
        write_exports(Path(place))
        {"prefect": prefect, "airflow": airflow}[sys.argv[1]](Path(place))
        print(f"{sys.argv[1]}: the example ran")
