"""The command as people and machines run it: a process of its own, its output, its exit codes."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import termios
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from rich.cells import cell_len

import dioscorides
from dioscorides import contract
from dioscorides.atlas.release import QueryError, open_current
from dioscorides.facade import OpenAtlas
from tiny import World, contents, environment, product

ANSWERED, FAILED, USAGE, UNKNOWN, AMBIGUOUS = 0, 1, 2, 3, 4
COMMAND = [sys.executable, "-c", "from dioscorides.faces.cli import main; main()"]


def run(*arguments: object, home: Path | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
    at = ["--home", str(home)] if home else []
    return subprocess.run(
        [*COMMAND, *map(str, arguments), *at],
        env={name: value for name, value in os.environ.items() if name != "DIOSCORIDES_HOME"} | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def answered(*arguments: object, home: Path | None = None, **variables: str) -> Any:
    """What a command prints as JSON."""
    ended = run(*arguments, "--json", home=home, **variables)
    assert (ended.returncode, ended.stderr) == (ANSWERED, ""), ended.stderr
    return json.loads(ended.stdout, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


def refused(*arguments: object, code: int = FAILED, home: Path | None = None, **variables: str) -> str:
    """The sentence on standard error with which a command ends that cannot be done."""
    ended = run(*arguments, home=home, **variables)
    assert ended.returncode == code, (ended.stdout, ended.stderr)
    assert ended.stdout == ""
    assert "Traceback" not in ended.stderr
    assert ended.stderr.startswith("dioscorides: ")
    return ended.stderr.removeprefix("dioscorides: ")


# -- every command


def test_the_installed_command_is_this_one() -> None:
    script = shutil.which("dioscorides", path=str(Path(sys.executable).parent))
    if script is None:
        pytest.skip("the package is not installed beside this Python")
    ended = subprocess.run([script, "--version"], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout.strip()) == (0, dioscorides.__version__)


def test_every_command_says_what_it_does() -> None:
    listed = run("--help").stdout
    for command in ("registers", "fetch", "build", "passport", "sql", "issues", "export"):
        assert f" {command} " in listed
    for command in ("passport", "build"):
        ended = run(command, "--help")
        assert (ended.returncode, ended.stderr) == (0, "")
        assert "--home" in ended.stdout
        assert "--json" in ended.stdout


def test_wrong_usage() -> None:
    for arguments in (["nothing"], ["passport"], ["build", "--colour"], []):
        ended = run(*arguments)
        assert ended.returncode == USAGE, arguments
        assert "Traceback" not in ended.stderr
    ended = run("build", "--sample", "--mirror", "somewhere")
    assert ended.returncode == USAGE
    assert "either --mirror or --sample" in re.sub(r"[\s│]+", " ", ended.stderr)


def test_building_twice(tmp_path: Path) -> None:
    first = answered("build", "--sample", "--only", "us_fda_orange_book", "--only", "eu_ema_medicines", home=tmp_path)
    assert first["made"] == "made anew"
    assert first["not used"] == []
    assert first["authorisations"] > 0
    assert Path(first["folder"]) == tmp_path / "releases" / first["release"]
    again = answered("build", "--sample", "--only", "us_fda_orange_book", "--only", "eu_ema_medicines", home=tmp_path)
    assert again == first | {"made": "unchanged, nothing to do"}
    ended = run("build", "--sample", "--only", "us_fda_orange_book", home=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "made anew" in ended.stdout


def test_a_build_in_which_something_could_not_be_read(world: World) -> None:
    """It is done, and says what is not in it."""
    for name in ("us_a", "us_b"):
        world.register(name)
        world.publish(name, "2024-01-01", product("1", authorised="2001-01-01"))
    (world.mirror / "us_b" / "2024-01-01" / "more.zip").write_bytes(b"PK\x03\x04 and no more")
    variables, home = environment(world.site), world.home.path
    (failure,) = answered("build", "--mirror", world.mirror, home=home, **variables)["not used"]
    assert failure.startswith("us_b 2024-01-01: more.zip is damaged")
    ended = run("build", "--mirror", world.mirror, home=home, **variables)
    assert ended.returncode == ANSWERED
    assert failure in ended.stdout
    assert ended.stderr == "dioscorides: some snapshots could not be used, see above; the others are in.\n"
    assert answered("sql", "SELECT register FROM authorisation", home=home) == [{"register": "us_a"}]


def test_passport_as_json(sample_home: Path, sample_atlas: OpenAtlas) -> None:
    answer = answered("passport", "Kymriah", home=sample_home)
    assert answer == sample_atlas.passport("Kymriah").as_dict()
    assert answer["table"][0]["date"] == "2017-08-30"
    assert "raw" not in answer["evidence"][0]
    with_rows = answered("passport", "Kymriah", "--rows", home=sample_home)
    assert all(isinstance(json.loads(one["raw"]), dict) for one in with_rows["evidence"])


def test_passport_for_people(sample_home: Path) -> None:
    ended = run("passport", "Kymriah", home=sample_home)
    assert (ended.returncode, ended.stderr) == (0, "")
    for text in ("Passport of tisagenlecleucel", "gene_ex_vivo", "2017-08-30", "2018-08-23", "BLA125646", "not known",
                 "sources", "orphan_exclusivity", "US public domain"):  # fmt: skip
        assert text in ended.stdout, text
    assert "rows as published" not in ended.stdout
    assert "\x1b" not in ended.stdout
    rows = run("passport", "Kymriah", "--rows", home=sample_home).stdout
    assert "rows as published" in rows
    assert "Proper Name: tisagenlecleucel" in rows


def test_passport_that_cannot_be_given(sample_home: Path) -> None:
    said = refused("passport", "Kymria", code=UNKNOWN, home=sample_home)
    assert said == "No medicine is known as 'Kymria' in this release. Did you mean Kymriah?\n"
    assert refused("passport", "xyzzyqwv", code=UNKNOWN, home=sample_home).count("\n") == 1
    said, *candidates = refused("passport", "J07BN01", code=AMBIGUOUS, home=sample_home).splitlines()
    assert said == f"'J07BN01' is {len(candidates)} medicines: ask for one of them by its id."
    assert "  elasomeran  (atc J07BN01)" in candidates


def test_registers(sample_home: Path, tmp_path: Path) -> None:
    answer = answered("registers", home=sample_home)
    rows = {row["register"]: row for row in answer["table"]}
    book = rows["us_fda_orange_book"]
    for name in ("publisher", "jurisdiction", "language", "licence", "snapshot", "rows", "rows_read", "issues"):
        assert book[name] is not None, name
    for row in rows.values():
        if row["rows"] is not None:
            parts = ("rows_read", "rows_quarantined", "rows_duplicate", "rows_out_of_scope")
            assert row["rows"] == sum(row[part] for part in parts), row["register"]
    assert "us_fda_orange_book" in run("registers", home=sample_home).stdout
    # without an atlas registers still say what they are
    without = answered("registers", home=tmp_path)
    assert rows.keys() == {row["register"] for row in without["table"]}
    assert {row["rows"] for row in without["table"]} == {None}


def test_one_register_in_full(sample_home: Path, tmp_path: Path) -> None:
    answer = answered("registers", "us_fda_purple_book", home=sample_home)
    assert answer["facts"]["name"] == "Purple Book"
    assert len(answer["table"]) == 2
    assert {row["outcome"] for row in answer["parts"]["files"]} >= {"read"}
    assert "Purple Book" in run("registers", "us_fda_purple_book", home=tmp_path).stdout
    assert refused("registers", "us_fda_purple_bok", home=sample_home).startswith("No register is called")


def test_issues(sample_home: Path, sample_atlas: OpenAtlas) -> None:
    everything = answered("issues", home=sample_home)["table"]
    assert len(everything) == sample_atlas.manifest["issues"]
    assert "This release has no register 'nosuch'" in refused("issues", "nosuch", home=sample_home)
    some = answered("issues", "fr_ansm_bdpm", home=sample_home)["table"]
    assert some == [row for row in everything if row["register"] == "fr_ansm_bdpm"]
    assert some
    assert run("issues", home=sample_home).returncode == 0


def test_export(sample_home: Path, sample_atlas: OpenAtlas, tmp_path: Path) -> None:
    told = answered("export", "--to", tmp_path / "deep" / "out", home=sample_home)
    assert told["release"] == sample_atlas.release
    assert sorted(told["files"]) == sorted(contents(sample_atlas.path))
    assert contents(tmp_path / "deep" / "out") == contents(sample_atlas.path)
    said = refused("export", "--to", tmp_path / "deep" / "out", home=sample_home)
    assert said.endswith("is there already: name a new or an empty folder with --to.\n")
    (tmp_path / "empty").mkdir()
    assert answered("export", "--to", tmp_path / "empty", home=sample_home)["files"] == told["files"]
    (tmp_path / "file").touch()
    assert "file" in refused("export", "--to", tmp_path / "file" / "below", home=sample_home)
    assert not list(tmp_path.rglob(".*"))


def test_fetch_of_a_register_that_nobody_knows(tmp_path: Path) -> None:
    said = refused("fetch", "us_fda_orange_bok", home=tmp_path)
    assert said == "No register is called us_fda_orange_bok; `dioscorides registers` lists them.\n"
    (tmp_path / "file").touch()
    assert "give --home a folder" in refused("fetch", "us_fda_orange_book", home=tmp_path / "file")


def test_question_to_a_home_without_an_atlas(tmp_path: Path) -> None:
    for arguments in (["passport", "Kymriah"], ["sql", "SELECT 1"], ["issues"], ["export", "--to", "x"]):
        said = refused(*arguments, home=tmp_path / "nowhere")
        assert said.startswith(f"There is no atlas in {tmp_path / 'nowhere'} yet: run `dioscorides build --sample`, or")
        assert said.count("\n") == 1
    assert not (tmp_path / "nowhere").exists()


def test_builds_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert refused("build", home=tmp_path / "new").startswith("There are no snapshots in ")
    assert refused("build", "--mirror", tmp_path / "gone", home=tmp_path / "new").startswith("There is no folder ")
    assert refused("build", "--mirror", tmp_path / "empty", home=tmp_path / "new").startswith("No snapshot of a known ")
    assert refused("build", "--sample", "--only", "nothing", home=tmp_path).startswith(
        "No register is called nothing; "
    )
    (tmp_path / "file").touch()
    assert refused("build", "--sample", home=tmp_path / "file").endswith("is a file: give --home a folder.\n")


# -- SQL


def test_sql_as_json_is_one_array_of_objects(sample_home: Path, sample_atlas: OpenAtlas) -> None:
    query = (
        "SELECT medicine_id, date, before, atc, spread_days FROM first_authorisation JOIN medicine USING (medicine_id)"
    )
    rows = answered("sql", query, home=sample_home)
    assert isinstance(rows, list)
    assert len(rows) == sample_atlas.sql(query).height
    assert list(rows[0]) == ["medicine_id", "date", "before", "atc", "spread_days"]
    assert {type(row["spread_days"]) for row in rows} == {int}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", row["date"]) for row in rows if row["date"])
    assert answered("sql", "SELECT * FROM medicine WHERE false", home=sample_home) == []


def test_the_way_of_a_name(sample_home: Path) -> None:
    steps = answered("resolve", "--explain", "tisagenlecleucelum", home=sample_home)
    assert list(steps[0]) == ["name", "step", "text", "outcome"]
    assert steps[-1]["step"] == "answer"
    assert "tisagenlecleucel" in steps[-1]["outcome"]


def test_errors_as_json(sample_home: Path) -> None:
    """One object on standard error, and nothing among what would have been the answer."""
    for arguments, code, *more in (
        (("passport", "J07BN01"), AMBIGUOUS, "candidates"),
        (("passport", "Zolgensmma"), UNKNOWN, "suggestions", "listed"),
        (("sql", "DROP VIEW medicine"), FAILED),
    ):
        ended = run(*arguments, "--json", home=sample_home)
        told = json.loads(ended.stderr)
        assert (ended.returncode, ended.stdout, list(told)) == (code, "", ["error", *more])
        assert not more or told[more[0]]


def test_a_table_that_is_not_there(sample_home: Path) -> None:
    assert "SHOW TABLES lists those that do." in refused("sql", "SELECT * FROM pg_clas", home=sample_home)
    assert 'Did you mean "medicine"?' in refused("sql", "SELECT * FROM medicin", home=sample_home)


def test_sql_for_people(sample_home: Path) -> None:
    ended = run(
        "sql",
        "SELECT 1234567 AS number, '[bold]text' AS marked, ['a', 'b'] AS listed, NULL AS nothing",
        home=sample_home,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    for text in ("1234567", "[bold]text", "a, b"):
        assert text in ended.stdout


def test_values_of_every_type(sample_home: Path) -> None:
    query = """
        SELECT 1.5 AS "decimal", 'nan'::DOUBLE AS "nan", [1, 2] AS "ints", {'a': 1, 'd': DATE '2020-01-01'} AS "struct",
            TIMESTAMP '2020-01-01 10:00:00' AS "time", INTERVAL 3 DAYS AS "interval",
            18446744073709551615::UBIGINT AS "big", 1 AS "x", 2 AS "x", true AS "yes", [DATE '2020-01-01'] AS "days"
    """
    (row,) = answered("sql", query, home=sample_home)
    assert row == {
        "decimal": 1.5, "nan": None, "ints": [1, 2], "struct": {"a": 1, "d": "2020-01-01"},
        "time": "2020-01-01T10:00:00", "interval": "3 days, 0:00:00", "big": 18446744073709551615, "x": 1, "x_2": 2,
        "yes": True, "days": ["2020-01-01"],
    }  # fmt: skip
    frame = dioscorides.open(sample_home).sql(query)
    assert frame.columns == list(row)
    assert frame["decimal"].to_list() == [1.5]
    assert frame["ints"].to_list() == [[1, 2]]
    assert run("sql", query, home=sample_home).returncode == 0


READING = ("DESCRIBE medicine", "SHOW TABLES", "EXPLAIN SELECT 1", "EXPLAIN ANALYZE SELECT 1", "FROM medicine",
           "WITH t AS (SELECT 1 AS x) SELECT * FROM t", "SUMMARIZE medicine")  # fmt: skip


@pytest.mark.parametrize("query", READING)
def test_queries_that_read(sample_atlas: OpenAtlas, query: str) -> None:
    assert not sample_atlas.sql(query).is_empty()


WRITING = (
    "INSERT INTO medicine SELECT * FROM medicine",
    "UPDATE medicine SET name = 'x'",
    "DELETE FROM medicine",
    "CREATE TABLE x AS SELECT 1",
    "CREATE VIEW x AS SELECT 1",
    "DROP VIEW medicine",
    "ALTER VIEW medicine RENAME TO x",
    "COPY medicine TO '{folder}/x.csv'",
    "COPY (SELECT 1) TO '{release}/x.csv'",
    "EXPLAIN ANALYZE COPY (SELECT 1) TO '{release}/x.csv'",
    "EXPLAIN ANALYZE COPY (SELECT 1) TO '{folder}/x.csv'",
    "EXPLAIN (ANALYZE) COPY (SELECT 1) TO '{release}/x.csv'",
    "explain/**/analyze/**/COPY (SELECT 1) TO '{release}/x.csv'",
    "SELECT * FROM query('COPY (SELECT 1) TO ''{release}/x.csv''')",
    "EXPORT DATABASE '{folder}/x'",
    "ATTACH '{folder}/x.db'",
    "PRAGMA threads = 4",
    "PRAGMA database_list",
    "/* a note */ -- and another\n pragma version",
    "PRAGMA enable_profiling",
    "SET enable_external_access = true",
    "RESET enable_external_access",
    "INSTALL httpfs",
    "LOAD httpfs",
    "CALL pragma_version()",
    "PREPARE x AS SELECT 1",
    "BEGIN",
    "VACUUM",
    "SELECT 1; DROP VIEW medicine",
    "",
    "-- nothing",
)


@pytest.mark.parametrize("query", WRITING)
def test_an_atlas_is_read_only(sample_atlas: OpenAtlas, tmp_path: Path, query: str) -> None:
    before = contents(sample_atlas.path)
    with pytest.raises(QueryError):
        sample_atlas.sql(query.format(folder=tmp_path, release=sample_atlas.path))
    assert contents(sample_atlas.path) == before
    assert list(tmp_path.iterdir()) == []
    assert not sample_atlas.sql("SELECT * FROM medicine").is_empty()


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_csv('{file}')",
        "SELECT * FROM read_text('{file}')",
        "SELECT * FROM read_blob('{file}')",
        "SELECT * FROM '{file}'",
        "SELECT * FROM glob('{folder}/*')",
        "SELECT * FROM sniff_csv('{file}')",
        "SELECT * FROM read_text('{release}/../../current')",
        "SELECT * FROM read_text('{release}/../../../../../../../../../..{file}')",
        "SELECT * FROM read_parquet(['{release}/medicine.parquet', '{file}'])",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_json('https://example.org/x.json')",
    ],
)
def test_files_outside_the_release_cannot_be_read(sample_atlas: OpenAtlas, tmp_path: Path, query: str) -> None:
    file = tmp_path / "secret.csv"
    file.write_text("a,b\n1,2\n")
    with pytest.raises(QueryError) as told:
        sample_atlas.sql(query.format(file=file, folder=tmp_path, release=sample_atlas.path))
    assert re.match("a query reads the tables of the atlas|Catalog Error|IO Error", str(told.value))
    assert "\n" not in str(told.value)


def test_the_working_directory_is_outside_too(sample_home: Path, tmp_path: Path) -> None:
    (tmp_path / ".tmp").mkdir()
    (tmp_path / ".tmp" / "x.csv").write_text("a,b\n1,2\n")
    ended = subprocess.run(
        [*COMMAND, "sql", "SELECT * FROM read_csv('.tmp/x.csv')", "--home", str(sample_home)],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == FAILED
    assert "a query reads the tables of the atlas and nothing else" in ended.stderr


def test_a_wrong_query_is_said_to_be_wrong(sample_home: Path) -> None:
    assert 'Table with name medicines does not exist! Did you mean "medicine"?' in refused(
        "sql", "SELECT * FROM medicines", home=sample_home
    )
    assert "syntax error" in refused("sql", "SELEC 1", home=sample_home)
    assert refused("sql", "DROP VIEW medicine", home=sample_home) == (
        "an atlas is read only: give one SELECT statement (or DESCRIBE, SHOW, EXPLAIN).\n"
    )


def test_every_table_can_be_asked(sample_atlas: OpenAtlas) -> None:
    for name, table in contract.ATLAS.items():
        frame = sample_atlas.sql(f'SELECT * FROM "{name}"')
        assert frame.schema == table.schema(), name


# -- where it runs


def test_the_home_from_the_environment(sample_home: Path, tmp_path: Path) -> None:
    rows = answered("sql", "SELECT 1 AS one", DIOSCORIDES_HOME=str(sample_home))
    assert rows == [{"one": 1}]
    said = refused("sql", "SELECT 1", home=tmp_path / "nowhere", DIOSCORIDES_HOME=str(sample_home))
    assert str(tmp_path / "nowhere") in said


def test_the_home_by_default_is_the_users_data_folder(tmp_path: Path) -> None:
    variables = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "data")}
    assert "There is no atlas in " in refused("issues", **variables)
    made = answered("build", "--sample", "--only", "us_fda_orange_book", **variables)
    assert Path(made["folder"]).is_relative_to(tmp_path)
    assert answered("sql", "SELECT count(*) AS n FROM authorisation", **variables)[0]["n"] > 0


def test_a_home_relative_and_with_a_tilde_and_with_odd_letters(tmp_path: Path) -> None:
    odd = tmp_path / "it's a „home“ %s"
    made = answered("build", "--sample", "--only", "us_fda_orange_book", home=odd)
    assert Path(made["folder"]).is_relative_to(odd)
    assert answered("sql", "SELECT count(*) AS n FROM authorisation", home=odd)[0]["n"] > 0
    assert answered("sql", "SELECT 1 AS x", "--home", f"~/{odd.name}", HOME=str(tmp_path)) == [{"x": 1}]


@pytest.mark.parametrize("arguments", [["sql", "SELECT * FROM search", "--json"], ["registers"]])
def test_a_pipe_that_is_closed_early(sample_home: Path, arguments: list[str]) -> None:
    process = subprocess.Popen(
        [*COMMAND, *arguments, "--home", str(sample_home)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.read(1)
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    process.wait()
    assert said == b""


@pytest.mark.parametrize("variables", [{"LC_ALL": "C"}, {"PYTHONIOENCODING": "ascii"}])
def test_text_beyond_ascii_where_the_locale_has_none(sample_home: Path, variables: dict[str, str]) -> None:
    ended = run("sql", "SELECT 'хлор ☃ é' AS x", home=sample_home, **variables)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert any(text in ended.stdout for text in ("хлор ☃ é", r"\u0445\u043b\u043e\u0440 \u2603 \xe9"))
    assert "\\u2603" in ascii(refused("passport", "☃", code=UNKNOWN, home=sample_home, **variables))


def on_terminal(width: int, *arguments: object, home: Path) -> str:
    """What a command writes on a terminal of this width."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    hidden = ("COLUMNS", "LINES", "NO_COLOR")
    process = subprocess.Popen(
        [*COMMAND, *map(str, arguments), "--home", str(home)],
        stdin=slave, stdout=slave, stderr=slave, close_fds=True,
        env={name: value for name, value in os.environ.items() if name not in hidden} | {"TERM": "xterm"},
    )  # fmt: skip
    os.close(slave)
    written = b""
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        written += piece
    os.close(master)
    assert process.wait() == 0, written
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", written.decode())


@pytest.mark.parametrize("width", [40, 80, 200])
def test_on_a_terminal_of_any_width_nothing_is_cut_or_broken(sample_home: Path, width: int) -> None:
    told = on_terminal(width, "passport", "Kymriah", home=sample_home)
    drawn = [line.rstrip() for line in told.splitlines() if "─" in line]
    assert all(cell_len(line) <= width for line in drawn)
    assert "…" not in told
    # a date, a number or an id is never folded; words may stand below each other
    for text in (
        "tisagenlecleucel",
        "gene_ex_vivo",
        "2017-08-30",
        "BLA125646",
        "us_fda_purple_book",
        "orphan_exclusivity",
    ):
        assert text in told, text
    for text in ("Novartis", "Pharmaceuticals", "Corporation"):
        assert text in told, text


def test_on_a_terminal_a_build_shows_its_progress_and_cleans_up(tmp_path: Path) -> None:
    told = on_terminal(100, "build", "--sample", "--only", "us_fda_orange_book", home=tmp_path)
    assert "made anew" in told
    assert open_current(dioscorides.atlas.home.Home.of(tmp_path)).release in told.replace("\r\n", "").replace("\n", "")


def test_answers_go_to_standard_output_and_nothing_else_does(sample_home: Path) -> None:
    ended = run("sql", "SELECT 1 AS x", "--json", home=sample_home)
    assert (ended.stdout, ended.stderr) == ('[{"x": 1}]\n', "")


def test_tables_of_json_are_read_by_others(sample_home: Path) -> None:
    text = run("sql", "SELECT * FROM authorisation", "--json", home=sample_home).stdout
    frame = pl.read_json(text.encode())
    assert frame.columns == contract.ATLAS["authorisation"].names
