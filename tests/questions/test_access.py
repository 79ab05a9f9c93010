"""Access: what one jurisdiction has and another not, why, and where a register cannot say."""

from __future__ import annotations

from typing import Any

import pytest

from dioscorides.facade import OpenAtlas
from dioscorides.questions.answer import QuestionError, Unknown
from tiny import Row, World, product

DAY = "2020-12-31"
#: One product of a medicine of its own.
CASES: dict[str, Row] = {
    "both": {"authorised": "2015-01-01"},
    "refused": {"status": "refused", "events": [{"event": "refused", "date": "2016-05-05"}]},
    "gaveup": {"status": "application_withdrawn", "events": [{"event": "application_withdrawn", "date": "2017-05-05"}]},
    "left": {
        "status": "withdrawn",
        "authorised": "2011-01-01",
        "events": [{"event": "withdrawn", "date": "2019-05-05"}],
    },
    "urgent": {"events": [{"event": "emergency_authorised", "date": "2020-06-01"}]},
    "copied": {"authorised": "2018-01-01", "legal_basis": "generic"},
}


def made(world: World, *, closed: bool) -> OpenAtlas:
    """The US has every case and one more medicine; the EU has what the cases say."""
    for register, place, complete in (("us_a", "US", True), ("eu_a", "EU", closed)):
        world.register(register, jurisdiction=place, coverage={"population": "All.", "closed_world": complete})
    names = [*CASES, "absent"]
    world.publish("us_a", DAY, *(product(name, substance=name, authorised="2010-01-01") for name in names))
    said = [product(name, substance=name, jurisdiction="EU", **case) for name, case in CASES.items()]
    world.publish("eu_a", DAY, *said)
    built = world.build()
    assert built.failures == []
    return OpenAtlas(built.atlas.path)


def reasons(atlas: OpenAtlas, **asked: Any) -> dict[str, tuple[str | None, str | None]]:
    rows = atlas.access(**asked).main.records()
    return {row["medicine_id"]: (row["reason"], row["reason_date"] and str(row["reason_date"])) for row in rows}


def test_what_is_missing_and_why(world: World) -> None:
    atlas = made(world, closed=True)
    assert reasons(atlas, in_="US", not_in="EU") == {
        "absent": (None, None),
        "refused": ("refused", "2016-05-05"),
        "gaveup": ("application withdrawn", "2017-05-05"),
        "left": ("withdrawn", "2019-05-05"),
        "urgent": ("emergency authorised", "2020-06-01"),
    }
    answer = atlas.access(in_="us", not_in="eu")
    assert set(answer.main["waiting_days"]) == {4017}
    assert answer.caveats == ("EU: central authorisations; a medicine may be authorised nationally in member states.",)
    # both sides of a line can be opened: the authorisation here, and what gives the reason there
    assert set(answer.published(atlas, medicine_id="refused")["register"]) == {"us_a", "eu_a"}
    assert set(answer.published(atlas, medicine_id="absent")["register"]) == {"us_a"}
    # a medicine that has left is none that the other lacks
    assert reasons(atlas, in_="EU", not_in="US") == {}


def test_a_register_that_cannot_prove_absence_is_said_to_be_silent(world: World) -> None:
    atlas = made(world, closed=False)
    assert any("eu_a cannot prove absence" in caveat for caveat in atlas.access(in_="US", not_in="EU").caveats)
    states = {row["jurisdiction"]: row["state"] for row in atlas.access("absent").main.records()}
    assert states == {"EU": "not known", "US": "authorised"}
    assert atlas.access("absent").facts["missing in"].startswith("no jurisdiction")


@pytest.mark.parametrize(
    ("medicine", "state"),
    [("both", "authorised"), ("refused", "refused"), ("left", "withdrawn"), ("absent", "not authorised")],
)
def test_where_one_medicine_is_missing(world: World, medicine: str, state: str) -> None:
    answer = made(world, closed=True).access(medicine)
    assert {row["jurisdiction"]: row["state"] for row in answer.main.records()} == {"EU": state, "US": "authorised"}
    assert ("EU" in answer.facts["missing in"]) == (state != "authorised")
    assert answer.title == f"Where {medicine} is missing"


def test_nobody_can_tell_of_what_came_after_a_register_ends(world: World) -> None:
    for register, place in (("us_a", "US"), ("eu_a", "EU")):
        world.register(register, jurisdiction=place, coverage={"population": "All.", "closed_world": True})
    old, new = (product(n, substance=n, authorised=f"{n[1:]}-06-01") for n in ("a2010", "b2020"))
    world.publish("us_a", DAY, old, new)
    world.publish("eu_a", "2015-12-31", product("1", substance="c", authorised="2000-01-01", jurisdiction="EU"))
    atlas = OpenAtlas(world.build().atlas.path)
    answer = atlas.access(in_="US", not_in="EU")
    assert answer.main["medicine_id"] == ["a2010"]
    assert any("Left out: 1 first authorised in US after 2015-12-31" in caveat for caveat in answer.caveats)
    states = {row["jurisdiction"]: row["state"] for row in atlas.access("b2020").main.records()}
    assert states == {"EU": "not known", "US": "authorised"}
    assert atlas.access("a2010").facts["missing in"] == "EU (as of 2015-12-31)"


def test_what_silently_left_a_register_is_missing(world: World) -> None:
    for register, place in (("us_a", "US"), ("eu_a", "EU")):
        world.register(register, jurisdiction=place, coverage={"population": "All.", "closed_world": True})
    stays = product("stays", substance="stays", authorised="2010-01-01", jurisdiction="EU")
    leaves = product("leaves", substance="leaves", authorised="2010-01-01", jurisdiction="EU")
    world.publish("us_a", DAY, product("1", substance="leaves", authorised="2010-01-01"))
    world.publish("eu_a", "2019-12-31", stays, leaves)
    world.publish("eu_a", DAY, stays)
    atlas = OpenAtlas(world.build().atlas.path)
    assert reasons(atlas, in_="US", not_in="EU") == {"leaves": ("silently gone", None)}


@pytest.fixture(scope="module", params=["sample", "real"])
def atlas(request: pytest.FixtureRequest) -> OpenAtlas:
    opened: OpenAtlas = request.getfixturevalue(f"{request.param}_atlas")
    return opened


def test_pairs_of_the_registers(atlas: OpenAtlas) -> None:
    answer = atlas.access(in_="US", not_in="EU")
    missing = set(answer.main["medicine_id"])
    assert missing
    assert "nadofaragene firadenovec" in missing
    assert "tisagenlecleucel" not in missing
    assert all(answer.sources["licence"])
    states = {row["jurisdiction"]: row["state"] for row in atlas.access("nadofaragene firadenovec").main.records()}
    assert (states["US"], states["EU"], states["CA"]) == ("authorised", "not authorised", "not known")
    # of what is missing, nothing is in force there
    held = atlas.table(
        """
        SELECT DISTINCT a.medicine_id FROM authorisation AS a
        INNER JOIN register AS r ON a.register = r.register AND r."current" AND a.last_seen = r.snapshot
        INNER JOIN event AS e ON a.register = e.register AND a.record_id = e.record_id AND e.event = 'authorised'
        WHERE a.jurisdiction = 'EU' AND a.status IN ('authorised', 'suspended', 'unknown') AND a.domain = 'human'
        """
    )
    assert missing.isdisjoint(held["medicine_id"])
    gene = atlas.access(in_="US", not_in="EU", modality="gene_in_vivo")
    assert set(gene.main["modality"]) == {"gene_in_vivo"}
    assert set(gene.main["medicine_id"]) <= missing


def test_the_picture_has_both_jurisdictions_first(sample_atlas: OpenAtlas) -> None:
    answer = sample_atlas.access(in_="US", not_in="EU")
    spec = str(answer.chart("matrix").spec)
    assert spec.index("'US'") < spec.index("'CA'")
    assert "fr_ansm_bdpm" in spec
    assert "onasemnogene" in sample_atlas.access("Zolgensma").chart().spec["description"]


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        ({}, "Name two jurisdictions"),
        ({"in_": "US"}, "Name two jurisdictions"),
        ({"in_": "US", "not_in": "XX"}, "no authorisations of XX"),
        ({"in_": "US", "not_in": "EU", "modality": "magic"}, "No medicine has the modality"),
        ({"medicine": "Kymriah", "in_": "US"}, "either for one medicine"),
    ],
)
def test_what_cannot_be_answered(sample_atlas: OpenAtlas, asked: dict[str, str], complaint: str) -> None:
    with pytest.raises(QuestionError, match=complaint):
        sample_atlas.access(**asked)


def test_nobody_knows_it(sample_atlas: OpenAtlas) -> None:
    with pytest.raises(Unknown):
        sample_atlas.access("nothing of that name at all")
