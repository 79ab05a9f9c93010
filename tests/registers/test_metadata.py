"""A register.yaml that cannot be used says which entry and why."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from dioscorides.registers import catalogue
from dioscorides.registers.metadata import Download, MetadataError, load
from tiny import World, card, product


def write(folder: Path, **entries: Any) -> Path:
    """A register.yaml whose entries are those of a good one, but for `entries`; None leaves one out."""
    content = {name: value for name, value in (card() | entries).items() if value is not None}
    path = folder / "xx_test" / "register.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def table(**entries: Any) -> dict[str, Any]:
    return {"tables": {"products": {"columns": {"number": "Number"}} | entries}}


def test_what_a_card_says(tmp_path: Path) -> None:
    metadata = load(
        write(
            tmp_path,
            coverage={"population": "All\n medicines.  ", "from": date(1995, 1, 1), "closed_world": False},
            downloads=[{"url": "https://example.org/x.zip", "name": "x.zip", "expect": "zip"}],
            oddities=["One\n two."],
            out_of_scope={"notes*": "remarks"},
        )
    )
    assert (metadata.id, metadata.name, metadata.publisher, metadata.rank) == ("xx_test", "Tiny", "Agency", "register")
    assert (metadata.licence, metadata.licence_confirmed, metadata.open_licence) == ("CC0", True, True)
    assert (metadata.population, metadata.covers_from, metadata.closed_world) == (
        "All medicines.",
        date(1995, 1, 1),
        False,
    )
    assert metadata.oddities == ("One two.",)
    assert metadata.downloads[0].name == "x.zip"
    assert metadata.out_of_scope == {"notes*": "remarks"}


def test_columns_in_short_and_in_full(tmp_path: Path) -> None:
    columns = {
        "number": None,
        "name": "Name",
        "holder": ["Holder", "Owner"],
        "day": {"header": "Day", "date": "%Y", "before": {"old": date(1952, 1, 1)}, "placeholders": [1900]},
        "kind": {"codes": "kinds", "default": "x", "required": True, "shape": "^.$"},
    }
    metadata = load(write(tmp_path, **table(columns=columns), codes={"kinds": {" Big ": "b", 2: None}}))
    number, name, holder, day, kind = metadata.tables["products"].columns
    assert (number.headers, name.headers, holder.headers) == (("number",), ("Name",), ("Holder", "Owner"))
    assert (day.dates, day.before, day.placeholders) == (("%Y",), {"old": date(1952, 1, 1)}, ("1900",))
    assert (kind.codes, kind.default, kind.required, kind.shape) == ({"big": "b", "2": None}, "x", True, "^.$")


def test_a_table_is_in_a_file_of_its_name_unless_said(tmp_path: Path) -> None:
    assert load(write(tmp_path, **table())).tables["products"].files == ("products.txt",)
    assert load(write(tmp_path, **table(files=["a", "b"]))).tables["products"].files == ("a", "b")
    assert load(write(tmp_path, **table(rows=[1, 2]))).tables["products"].rows == (1, 2)


@pytest.mark.parametrize(
    "entry", ["name", "publisher", "jurisdiction", "agency", "languages", "licence", "homepage", "cadence", "rank",
              "coverage", "dates", "tables"]
)  # fmt: skip
def test_an_entry_that_is_missing(tmp_path: Path, entry: str) -> None:
    path = write(tmp_path, **{entry: None})
    with pytest.raises(MetadataError) as told:
        load(path)
    assert str(told.value) == f"{path}: {entry} is missing"


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ({"licence": {"name": "CC0", "url": "https://example.org", "open": True}}, "licence.confirmed is missing"),
        ({"colour": "red"}, "nobody knows the entry colour"),
        ({"licence": card()["licence"] | {"colour": "red"}}, "nobody knows the entry licence.colour"),
        ({"coverage": card()["coverage"] | {"since": 1}}, "nobody knows the entry coverage.since"),
        (
            {"coverage": card()["coverage"] | {"yearly": {"since": 2000, "authorised": [9, 1]}}},
            "coverage.yearly.authorised is the least and the most in a year, not [9, 1]",
        ),
        ({"rank": "rumour"}, "rank is one of legal_act, register, list, crowd, not 'rumour'"),
        ({"languages": "en"}, "languages has a value of the wrong kind: 'en'"),
        ({"licence": "CC0"}, "licence has a value of the wrong kind: 'CC0'"),
        (
            {"coverage": {"population": "x", "closed_world": "maybe"}},
            "coverage.closed_world has a value of the wrong kind",
        ),
        ({"downloads": [{"url": "https://example.org", "name": "x"}]}, "downloads.expect is missing"),
        ({"downloads": ["https://example.org"]}, "downloads must be a mapping"),
        (table(colour="red"), "nobody knows the entry tables.products.colour"),
        (
            table(columns={"number": {"heading": "Number"}}),
            "nobody knows the entry tables.products.columns.number.heading",
        ),
        (table(columns={"number": 3}), "tables.products.columns.number must be a mapping"),
        (table(columns={"kind": {"codes": "kinds"}}), "columns.kind.codes names 'kinds', which is not under `codes`"),
        (table(columns=["number"]), "tables.products.columns has a value of the wrong kind"),
        (table(separator=1), "tables.products.separator has a value of the wrong kind: 1"),
        ({"tables": {"products": "products.csv"}}, "tables.products must be a mapping"),
    ],
)
def test_an_entry_that_is_wrong(tmp_path: Path, entries: dict[str, Any], said: str) -> None:
    path = write(tmp_path, **entries)
    with pytest.raises(MetadataError) as told:
        load(path)
    assert str(told.value).startswith(f"{path}: ")
    assert said in str(told.value)


@pytest.mark.parametrize("content", ["name: [unclosed", "- a\n- list\n", "", "just a text"])
def test_a_file_that_is_no_mapping(tmp_path: Path, content: str) -> None:
    path = write(tmp_path)
    path.write_text(content)
    with pytest.raises(MetadataError, match=rf"^{path}: "):
        load(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MetadataError, match=r"register.yaml: .*No such file"):
        load(tmp_path / "register.yaml")


# -- the catalogue


def test_the_catalogue_knows_its_own_registers() -> None:
    known = catalogue()
    assert list(known) == sorted(known)
    assert {"us_fda_orange_book", "eu_ema_medicines", "cz_sukl"} <= known.keys()
    for name, register in known.items():
        assert register.metadata.id == name == register.folder.name


def test_another_package_brings_a_register_by_an_entry_point(world: World) -> None:
    world.register("xx_elsewhere")
    assert catalogue()["xx_elsewhere"].metadata.id == "xx_elsewhere"
    world.publish("xx_elsewhere", "2024-01-01", product("1", authorised="2001-01-01"))
    (row,) = world.table("authorisation")
    assert row["register"] == "xx_elsewhere"


def test_an_entry_point_that_leads_nowhere_brings_nothing(world: World) -> None:
    world.register("xx_elsewhere")
    (about,) = world.site.glob("*.dist-info/entry_points.txt")
    about.write_text("[dioscorides.registers]\nxx_elsewhere = no_such_package\n")
    assert "xx_elsewhere" not in catalogue()


def test_a_register_whose_card_is_wrong_keeps_no_other_out(world: World) -> None:
    world.register("us_a")
    world.register("xx_wrong", rank="rumour")
    for name in ("us_a", "xx_wrong"):
        world.publish(name, "2024-01-01", product("1", authorised="2001-01-01"))
    built = world.build()
    (failure,) = built.failures
    assert failure.startswith("xx_wrong 2024-01-01: ")
    assert "rank is one of legal_act, register, list, crowd, not 'rumour'" in failure
    assert built.atlas.sql("SELECT DISTINCT register FROM authorisation")["register"].to_list() == ["us_a"]


# -- addresses


def downloads(tmp_path: Path, **entries: Any) -> list[Download]:
    entry = {"url": "https://example.org/sparql", "name": "names.csv", "expect": "csv"} | entries
    return list(load(write(tmp_path, downloads=[entry])).downloads)


def test_a_query_is_sent_with_its_address(tmp_path: Path) -> None:
    (one,) = downloads(tmp_path, parameters={"query": "SELECT *\n  WHERE { ?a ?b 'é' }", "limit": 5}, accept="text/csv")
    assert one.url == "https://example.org/sparql?query=SELECT+%2A+WHERE+%7B+%3Fa+%3Fb+%27%C3%A9%27+%7D&limit=5"
    assert (one.name, one.accept) == ("names.csv", "text/csv")
    (more,) = downloads(tmp_path, url="https://example.org/?a=1", parameters={"b": 2})
    assert more.url == "https://example.org/?a=1&b=2"


def test_one_query_for_each_of_several_values(tmp_path: Path) -> None:
    found = downloads(
        tmp_path,
        name="labels_{language}.csv",
        each={"language": ["en", "zh"]},
        parameters={"query": "FILTER { LANG(?label) = '{language}' }"},
    )
    assert [one.name for one in found] == ["labels_en.csv", "labels_zh.csv"]
    assert [one.url.rsplit("%3D", 1)[1] for one in found] == ["+%27en%27+%7D", "+%27zh%27+%7D"]


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ({"each": {"language": ["en", "zh"]}}, "downloads.name lacks {language}"),
        ({"each": {"language": "en"}}, "downloads.each names one placeholder"),
        ({"each": {"a": ["1"], "b": ["2"]}, "name": "{a}{b}"}, "downloads.each names one placeholder"),
        ({"parameters": "query"}, "downloads.parameters has a value of the wrong kind"),
    ],
)
def test_an_address_that_cannot_be(tmp_path: Path, entries: dict[str, Any], said: str) -> None:
    with pytest.raises(MetadataError) as told:
        downloads(tmp_path, **entries)
    assert said in str(told.value)
