"""Names of name authorities: the script of each name, look-alike letters, and texts that are no names."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from dioscorides.registers.metadata import load
from dioscorides.registers.names import CYRILLIC, LATIN, Named, emit_names
from dioscorides.registers.source import Reading, Source
from dioscorides.snapshots.store import Snapshot

CARD = r"""
name: List
publisher: Somebody
jurisdiction: XX
agency: Agency
languages: [ru, en]
licence: {name: open, url: https://example.org, confirmed: true, open: true}
homepage: https://example.org
cadence: never
rank: list
coverage: {population: names, closed_world: false}
dates: none
tables:
  names:
    files: names.tsv
    separator: "\t"
    quoted: false
    columns:
      code: {required: true}
      russian: ru
      english: en
"""


def reading(tmp_path: Path, *rows: str) -> Reading:
    """What a reader says that only hands its rows to `emit_names`; a row is code|russian|english."""
    card = tmp_path / "xx_list" / "register.yaml"
    card.parent.mkdir()
    card.write_text(CARD, encoding="utf-8")
    files = tmp_path / "2025-01-01"
    files.mkdir()
    text = "\n".join(["code|ru|en", *rows, ""]).replace("|", "\t")
    (files / "names.tsv").write_text(text, encoding="utf-8")
    source = Source(load(card), Snapshot("xx_list", date(2025, 1, 1), files))
    table = source.rows("names").key(pl.col("code"))
    emit_names(source, table, [Named("russian", "ru", "Cyrl", "inn"), Named("english", "en", "Latn", "national")])
    return source.finish()


def names(found: Reading) -> list[tuple[str, ...]]:
    columns = found.tables["name"].select("code", "name", "language", "script", "kind")
    return [tuple(row) for row in columns.rows()]


def issues(found: Reading) -> set[tuple[str, str, str]]:
    return set(found.tables["issue"].select("kind", "where", "value").rows())


def test_each_filled_column_gives_a_name_with_its_language_and_script(tmp_path: Path) -> None:
    found = reading(tmp_path, "1|нусинерсен|nusinersen", "2||patisiran")
    assert names(found) == [
        ("1", "нусинерсен", "ru", "Cyrl", "inn"),
        ("1", "nusinersen", "en", "Latn", "national"),
        ("2", "patisiran", "en", "Latn", "national"),
    ]
    assert found.tables["name"]["code_system"].unique().to_list() == ["xx_list"]
    assert issues(found) == set()


def test_blanks_are_single_and_entities_are_characters(tmp_path: Path) -> None:
    found = reading(tmp_path, "1||zinc\u00a0 acetate,  basic", "2||&beta;-carotene", "3||mRNA &amp; lipid")
    assert [name for _, name, *_ in names(found)] == ["zinc acetate, basic", "β-carotene", "mRNA & lipid"]


def test_the_script_is_that_of_most_letters(tmp_path: Path) -> None:
    found = reading(tmp_path, "1|цианокобаламин (57Co)|β-carotene")
    assert [(name, script) for _, name, _, script, _ in names(found)] == [
        ("цианокобаламин (57Co)", "Cyrl"),
        ("β-carotene", "Latn"),
    ]


@pytest.mark.parametrize(
    ("printed", "meant"),
    [("aкалабрутиниб", "акалабрутиниб"), ("cолнатид", "солнатид"), ("мепoлизумаб (40 кДа)", "меполизумаб (40 кДа)")],
)
def test_a_look_alike_letter_belongs_to_the_script_of_its_neighbours(tmp_path: Path, printed: str, meant: str) -> None:
    found = reading(tmp_path, f"1|{printed}|")
    assert names(found) == [("1", meant, "ru", "Cyrl", "inn")]
    assert all(ord(letter) < 128 for letter in LATIN) and all(ord(letter) > 128 for letter in CYRILLIC)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("benzilovыy spirt", "mixed_script"),
        ("oОmaveloksolon", "mixed_script"),
        ("kanrenoic acid/", "unfinished_name"),
        ("oxide (", "unfinished_name"),
        ("10-1074", "unreadable_name"),
        ("ac\ufffdtate", "unreadable_name"),
        ("??????????", "unreadable_name"),
    ],
)
def test_what_is_no_name_becomes_an_issue(tmp_path: Path, text: str, kind: str) -> None:
    found = reading(tmp_path, f"1|нусинерсен|{text}")
    assert [name for _, name, *_ in names(found)] == ["нусинерсен"]
    garbled = {("garbled_text", "names.tsv: en", text)} if "\ufffd" in text else set()
    assert issues(found) == {(kind, "names.english", text)} | garbled


def test_a_row_without_any_name_goes_to_quarantine(tmp_path: Path) -> None:
    found = reading(tmp_path, "1|нусинерсен|nusinersen", "2||acid/")
    assert found.tables["quarantine"]["record_id"].to_list() == ["2"]
    assert dict(found.tables["register_file"].select("outcome", "rows").rows()) == {"read": 1, "quarantined": 1}


def test_a_name_in_another_script_than_its_columns_has_no_language(tmp_path: Path) -> None:
    found = reading(tmp_path, "1|thebacon|thebacon")
    assert names(found)[0] == ("1", "thebacon", None, "Latn", "inn")
    assert issues(found) == {("unexpected_script", "names.russian", "thebacon")}


def test_a_second_name_for_a_code_is_not_taken_for_a_synonym(tmp_path: Path) -> None:
    found = reading(tmp_path, "1|нусинерсен|nusinersen", "1|патисиран|patisiran")
    assert {name for _, name, *_ in names(found)} == {"нусинерсен", "nusinersen"}
    assert ("repeated_key", "names", "1") in issues(found)
    assert len(found.tables["quarantine"]) == 1


def test_a_name_of_two_codes_and_a_bracket_left_open_are_told(tmp_path: Path) -> None:
    found = reading(tmp_path, "1||Amana edulis", "2||AMANA EDULIS", "3||technetium ((99mTc) nitridocade")
    assert len(names(found)) == 3
    assert issues(found) == {
        ("shared_name", "names.english", "Amana edulis"),
        ("unbalanced_brackets", "names.english", "technetium ((99mTc) nitridocade"),
    }
