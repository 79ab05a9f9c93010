"""Who may import whom: arrows run downward only, and a test that sees it when one does not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CHECK = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    """The rooms checked in the checkout `root`."""
    return subprocess.run(
        [sys.executable, "-c", CHECK, "--config", str(root / "pyproject.toml"), "--no-cache"],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root / "src")},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(
        ROOT / "src" / "dioscorides",
        tmp_path / "src" / "dioscorides",
        ignore=shutil.ignore_patterns("sample", "__pycache__"),
    )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_rooms_are_kept() -> None:
    ended = lint(ROOT)
    assert ended.returncode == 0, ended.stdout


def test_every_room_is_on_a_floor() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (layers,) = (one["layers"] for one in config["tool"]["importlinter"]["contracts"] if one["type"] == "layers")
    floors = {room.strip() for layer in layers for room in layer.replace(":", "|").split("|")}
    rooms = {f"dioscorides.{path.parent.name}" for path in (ROOT / "src" / "dioscorides").glob("*/__init__.py")}
    assert rooms <= floors
    assert config["tool"]["importlinter"]["contracts"][0].get("ignore_imports", []) == []


@pytest.mark.parametrize(
    ("room", "imported"),
    [
        ("contract.py", "dioscorides.snapshots.store"),
        ("snapshots/dates.py", "dioscorides.registers.catalogue"),
        ("registers/us_fda_orange_book/reader.py", "dioscorides.atlas.home"),
        ("identity/text.py", "dioscorides.registers.catalogue"),
        ("registers/catalogue.py", "dioscorides.identity.text"),
        ("atlas/home.py", "dioscorides.questions.answer"),
        ("questions/answer.py", "dioscorides.faces.terminal"),
    ],
)
def test_an_arrow_upward_or_sideways_is_seen(copy: Path, room: str, imported: str) -> None:
    file = copy / "src" / "dioscorides" / room
    file.write_text(file.read_text(encoding="utf-8") + f"\n\ndef late():\n    import {imported}\n", encoding="utf-8")
    ended = lint(copy)
    assert ended.returncode != 0
    assert imported.rsplit(".", 1)[0] in ended.stdout


def test_a_copy_without_a_change_is_kept(copy: Path) -> None:
    assert lint(copy).returncode == 0


def test_readers_know_no_other_register() -> None:
    """A reader imports its own folder, and what all registers share."""
    folder = ROOT / "src" / "dioscorides" / "registers"
    registers = {path.parent.name for path in folder.glob("*/register.yaml")}
    for path in folder.glob("*/*.py"):
        text = path.read_text(encoding="utf-8")
        for other in registers - {path.parent.name}:
            assert f"registers.{other}" not in text, path
            assert f"import {other}" not in text, path
