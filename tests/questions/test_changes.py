"""Changes of a register between two snapshots, in words, counts and published rows."""

from __future__ import annotations

from datetime import date

import pytest

from dioscorides.facade import OpenAtlas
from dioscorides.questions.answer import QuestionError
from tiny import World, product

ONE, TWO, THREE = date(2020, 1, 1), date(2021, 1, 1), date(2022, 1, 1)


@pytest.fixture
def changed(world: World) -> OpenAtlas:
    """Three snapshots: a holder changes and a product goes without a word; then another is withdrawn and goes."""
    world.register("us_a")
    kept = product("kept", authorised="2010-01-01", holder_name="Old Inc")
    sold = product("kept", authorised="2010-01-01", holder_name="New Inc")
    gone, ended = product("gone", authorised="2010-01-01"), product("ended", authorised="2010-01-01")
    withdrawn = product(
        "ended", authorised="2010-01-01", status="withdrawn", events=[{"event": "withdrawn", "date": "2020-06-01"}]
    )
    world.publish("us_a", str(ONE), kept, gone, ended)
    world.publish("us_a", str(TWO), sold, withdrawn)
    world.publish("us_a", str(THREE), sold, product("new", authorised="2021-06-01"))
    return OpenAtlas(world.build().atlas.path)


def test_what_changed(changed: OpenAtlas) -> None:
    answer = changed.changes("us_a")
    found = {(row["to"], row["record_id"], row["kind"]): row["silently_gone"] for row in answer.main.records()}
    assert found == {
        (TWO, "kept", "holder"): False,
        (TWO, "gone", "gone"): True,
        (TWO, "ended", "status"): False,
        (THREE, "ended", "gone"): False,
        (THREE, "new", "new"): False,
    }
    assert answer.facts["silently gone"] == "1"
    assert answer.further["silently gone"]["record_id"] == ["gone"]
    assert sum(row["records"] for row in (answer.view or answer.main).records()) == len(answer.main)


def test_a_period_of_them(changed: OpenAtlas) -> None:
    assert set(changed.changes("us_a", from_=TWO).main["record_id"]) == {"ended", "new"}
    assert set(changed.changes("us_a", to=TWO).main["to"]) == {TWO}


def test_what_is_numbered_anew_is_not_silently_gone(world: World) -> None:
    world.register("us_a")
    said = {"authorised": "2010-01-01", "product_name": "Anewin", "strength": "5 mg"}
    world.publish("us_a", str(ONE), product("old", **said), product("other", **said | {"strength": "9 mg"}))
    world.publish("us_a", str(TWO), product("number", **said))
    answer = OpenAtlas(world.build().atlas.path).changes("us_a")
    gone = {row["record_id"]: row for row in answer.main.records() if row["kind"] == "gone"}
    assert (gone["old"]["continued_as"], gone["old"]["silently_gone"]) == ("number", False)
    # another strength is another product
    assert (gone["other"]["continued_as"], gone["other"]["silently_gone"]) == (None, True)
    assert answer.facts["silently gone"] == "1"
    assert [row["records"] for row in (answer.view or answer.main).records()] == [2, 1]


def test_a_change_opens_down_to_the_rows_before_and_after(changed: OpenAtlas) -> None:
    answer = changed.changes("us_a")
    rows = answer.published(changed, record_id="kept")
    holders = {row["snapshot"]: "New Inc" in row["raw"] for row in rows.records() if "Inc" in row["raw"]}
    assert holders == {ONE: False, TWO: True}
    # what has gone is shown by the snapshot before, what is new by the one after
    assert set(answer.published(changed, record_id="gone")["snapshot"]) == {ONE}
    assert set(answer.published(changed, record_id="new")["snapshot"]) == {THREE}


def test_the_picture_tells_periods_apart(changed: OpenAtlas) -> None:
    answer = changed.changes("us_a")
    assert "2020-01-01 to 2021-01-01" in str(answer.chart("dots").spec)
    assert "us_a" in answer.chart().spec["description"]


@pytest.mark.parametrize(
    ("register", "options", "complaint"),
    [
        ("us_none", {}, "no register 'us_none'"),
        ("us_a", {"to": date(2021, 2, 2)}, "no snapshot of us_a of 2021-02-02"),
    ],
)
def test_what_cannot_be_answered(changed: OpenAtlas, register: str, options: dict[str, date], complaint: str) -> None:
    with pytest.raises(QuestionError, match=complaint):
        changed.changes(register, **options)


def test_one_snapshot_has_no_changes(sample_atlas: OpenAtlas) -> None:
    with pytest.raises(QuestionError, match="one snapshot of fr_ansm_bdpm only"):
        sample_atlas.changes("fr_ansm_bdpm")


def test_changes_of_the_real_registers(real_atlas: OpenAtlas) -> None:
    answer = real_atlas.changes("eu_ema_medicines")
    assert {"new", "status", "holder"} <= set(answer.main["kind"])
    assert all(answer.sources["licence"])
    assert int(answer.facts["silently gone"]) == sum(answer.main["silently_gone"])
