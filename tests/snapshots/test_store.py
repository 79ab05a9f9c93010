"""The store finds snapshots by their dates and says when one is not what it was."""

from __future__ import annotations

import datetime
import hashlib
import json
import pickle
import zipfile
from pathlib import Path

import pytest

import dioscorides.snapshots
from dioscorides.snapshots.store import Snapshot, SnapshotError, Store, verify


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two dates of one register, one of another, and what else gathers in such a folder."""
    for name, content in {
        "us_fda_orange_book/2025-09-10/products.txt": "new",
        "us_fda_orange_book/2025-09-10/patent.txt": "patents",
        "us_fda_orange_book/2025-09-10/.DS_Store": "",
        "us_fda_orange_book/2025-09-10/exclusivity.txt.part": "half",
        "us_fda_orange_book/2024-01-31/older/products.txt": "old",
        "us_fda_orange_book/.partial-2026-01-01/products.txt": "half",
        "us_fda_orange_book/2025-02-30/products.txt": "on a day that never was",
        "us_fda_orange_book/20250910/products.txt": "another way to write a date",
        "us_fda_orange_book/2025-10-01": "a file",
        "ca_hc_dpd/2025-05-05/allfiles.txt": "x",
        "eu_ema_medicines/notes.txt": "no snapshot yet",
        ".cache/2025-01-01/x": "",
        "README.md": "",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    return tmp_path


def test_snapshots_are_folders_named_by_a_date(root: Path) -> None:
    store = Store(root)
    assert store.registers() == ["ca_hc_dpd", "us_fda_orange_book"]
    assert [str(snapshot.date) for snapshot in store.snapshots("us_fda_orange_book")] == ["2024-01-31", "2025-09-10"]
    latest = store.latest("us_fda_orange_book")
    assert latest == Snapshot(
        "us_fda_orange_book", datetime.date(2025, 9, 10), root / "us_fda_orange_book" / "2025-09-10"
    )
    assert store.latest("eu_ema_medicines") is None
    assert store.snapshots("xx_nobody_nothing") == []


def test_a_snapshot_lists_what_was_published(root: Path) -> None:
    older, newer = Store(root).snapshots("us_fda_orange_book")
    assert newer.files() == ["patent.txt", "products.txt"]
    assert older.files() == ["older/products.txt"]
    assert newer.checksums()["products.txt"] == hashlib.sha256(b"new").hexdigest()
    assert newer.manifest() is None


@pytest.mark.parametrize("what", ["missing", "README.md"])
def test_a_missing_store_is_said_in_a_sentence(root: Path, what: str) -> None:
    store = Store(root / what)
    for ask in (store.registers, lambda: store.snapshots("ca_hc_dpd"), lambda: store.latest("ca_hc_dpd")):
        with pytest.raises(SnapshotError, match=r"There is no folder .*; run `dioscorides fetch`, or name a"):
            ask()


@pytest.mark.parametrize("name", ["../us_fda_orange_book", "", "a/b", ".cache"])
def test_a_register_is_not_a_path(root: Path, name: str) -> None:
    with pytest.raises(SnapshotError, match="is not a register's name"):
        Store(root).snapshots(name)


def test_verify_says_what_was_changed(root: Path) -> None:
    snapshot = Store(root).snapshots("us_fda_orange_book")[-1]
    assert verify(snapshot) == [f"{snapshot.path} has no manifest.json, so nothing says what its files should be."]

    listed = [{"name": name, "sha256": checksum} for name, checksum in snapshot.checksums().items()]
    (snapshot.path / "manifest.json").write_text(json.dumps({"files": listed}))
    assert verify(snapshot) == []

    (snapshot.path / "patent.txt").unlink()
    (snapshot.path / "products.txt").write_text("now")
    (snapshot.path / "surprise.txt").write_text("")
    missing, changed, extra = verify(snapshot)
    assert missing == "patent.txt is missing."
    assert changed.startswith("products.txt was changed: its SHA-256 is ")
    assert extra == "surprise.txt is extra: the manifest does not list it."


@pytest.mark.parametrize("content", ["{", "[]", '{"files": 3}', '{"files": [{}]}', "{}", '{"files": null}'])
def test_verify_says_so_when_the_manifest_is_not_one(root: Path, content: str) -> None:
    snapshot = Store(root).snapshots("us_fda_orange_book")[-1]
    (snapshot.path / "manifest.json").write_text(content)
    (said,) = verify(snapshot)
    assert "manifest.json" in said
    assert said.endswith(f"move {snapshot.path} away and fetch again.")


def test_a_snapshot_with_open_archives_travels_to_another_process(root: Path) -> None:
    snapshot = Store(root).snapshots("ca_hc_dpd")[0]
    with zipfile.ZipFile(snapshot.path / "allfiles.zip", "w") as archive:
        archive.writestr("drug.txt", "1")
    assert [file.read() for file in snapshot.contents("drug.txt")] == [b"1"]
    there = pickle.loads(pickle.dumps(snapshot))
    assert there == snapshot
    assert [file.read() for file in there.contents("drug.txt")] == [b"1"]


def test_the_room_hands_on_every_name_it_promises() -> None:
    for name in dioscorides.snapshots.__all__:
        assert getattr(dioscorides.snapshots, name).__name__ == name
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = dioscorides.snapshots.nothing
