"""What holds for the house as a whole: no contacts of persons, a small sample, nothing of anybody's machine."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from dioscorides import contract
from dioscorides.atlas.release import Atlas
from dioscorides.registers import catalogue

ROOT = Path(__file__).resolve().parents[1]
CONTACT = re.compile(r"(?i)(^|[_\W])(e_?mails?|phones?|telephone|tel|fax|mobile|contacts?)($|[_\W])")
EMAIL = r"(?i)[a-z0-9._%+-]+@[a-z0-9-]+\.[a-z]{2,}"
#: Folders in which people's own files lie, on the systems that they work on.
MACHINE = re.compile(r"(?<![\w.~$}/-])/(?:root|work|workspace|home|Users|mnt|build|builds)/[\w.-]+|[A-Z]:\\Users\\")


def files() -> list[Path]:
    """Files of the project: those under version control, and those that are about to be."""
    command = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        listed = subprocess.run(command, capture_output=True, check=True).stdout.decode().split("\0")
    except (FileNotFoundError, subprocess.CalledProcessError):
        pytest.skip("no version control here that would say which files are the project's")
    return [path for name in listed if name and (path := ROOT / name).is_file()]


def texts() -> Iterator[tuple[Path, str]]:
    for path in files():
        try:
            yield path, path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def test_no_table_has_a_column_for_contacts_of_persons() -> None:
    for table in (*contract.RECORDS.values(), *contract.ATLAS.values()):
        assert not [name for name in table.names if CONTACT.search(name)], table.name


@pytest.mark.parametrize("which", ["sample_atlas", "real_atlas"])
def test_no_table_holds_an_address_of_a_person(which: str, request: pytest.FixtureRequest) -> None:
    atlas: Atlas = request.getfixturevalue(which)
    for name in atlas.tables:
        frame = pl.scan_parquet(atlas.path / f"{name}.parquet")
        for column in (one for one, kind in frame.collect_schema().items() if kind == pl.String):
            marked = frame.filter(pl.col(column).str.contains("@", literal=True)).select(column).collect()
            found = marked.filter(pl.col(column).str.contains(EMAIL))
            assert found.is_empty(), (name, column, found)


def test_the_sample_is_small() -> None:
    sizes = {
        register.id: sum(path.stat().st_size for path in register.sample.rglob("*") if path.is_file())
        for register in catalogue().values()
    }
    assert sum(sizes.values()) < 400 * 1024, sizes


def test_no_file_names_a_folder_of_somebodys_machine() -> None:
    found = [(str(path.relative_to(ROOT)), hit[0]) for path, text in texts() for hit in MACHINE.finditer(text)]
    assert found == []


def test_the_pattern_of_machine_paths_finds_them() -> None:
    for path in ("/" + "root/x", "see /" + "home/ann/data", '"/' + "Users/ann", "C:" + "\\Users\\ann"):
        assert MACHINE.search(path), path
    for path in ("https://example.org/home/page", "../work/x", "/etc/passwd", "~/work/x", "a/home/x"):
        assert not MACHINE.search(path), path


def test_every_module_says_what_it_is() -> None:
    for path in sorted((ROOT / "src").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        assert not text or text.startswith(('"""', "#")), path


def test_every_model_says_what_a_row_is() -> None:
    models = sorted((ROOT / "src" / "dioscorides" / "atlas" / "models").glob("*.sql"))
    assert models
    for path in models:
        text = path.read_text(encoding="utf-8")
        assert text.startswith("-- One row per "), path
        assert path.stem in contract.ATLAS, path
        assert ";" not in re.sub(r"--.*|'[^']*'", "", text).strip().rstrip(";"), path
