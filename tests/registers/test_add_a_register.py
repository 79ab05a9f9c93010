"""The page on adding a register, followed to the letter: an installed package brings one, by its folder alone."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs" / "add-a-register.md"
REGISTER = "is_ima_medicines"


def blocks(language: str) -> list[str]:
    """The page's examples in a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Installed:
    """A place where the page's package is installed, and a mirror of the page's file."""

    site: Path
    mirror: Path
    home: Path

    def run(self, *words: str) -> str:
        """What a command of a fresh Python says there."""
        path = os.pathsep.join([str(self.site), str(REPOSITORY / "src")])
        done = subprocess.run(
            [sys.executable, *words], env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    folder = tmp_path_factory.mktemp("package")
    (csv, _), (yaml,), (toml,), (reader, _) = map(blocks, ("text", "yaml", "toml", "python"))
    register = folder / "source" / "your_package" / REGISTER
    files = {
        folder / "source" / "pyproject.toml": toml,
        register.parent / "__init__.py": "",
        register / "__init__.py": "",
        register / "register.yaml": yaml,
        register / "reader.py": reader,
        register / "sample" / "2026-01-15" / "medicines.csv": csv,
        folder / "mirror" / REGISTER / "2026-01-15" / "medicines.csv": csv,
    }
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    made = Installed(folder / "site", folder / "mirror", folder / "home")
    offline = ("--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check", "--quiet")
    made.run("-m", "pip", "install", *offline, "--target", str(made.site), str(folder / "source"))
    yield made


def test_the_package_is_installed_with_its_metadata_and_sample(installed: Installed) -> None:
    assert list(installed.site.glob("your_package-1.0.dist-info/entry_points.txt"))
    said = installed.run("-c", f"from dioscorides.registers import catalogue; print(catalogue()['{REGISTER}'].folder)")
    folder = Path(said.strip())
    assert folder.is_relative_to(installed.site)
    assert (folder / "sample" / "2026-01-15" / "medicines.csv").exists()


def test_the_command_builds_and_lists_the_register(installed: Installed) -> None:
    home = ("--home", str(installed.home))
    program = ("-m", "dioscorides")
    installed.run(*program, "build", "--mirror", str(installed.mirror), "--only", REGISTER, *home)
    registers = json.loads(installed.run(*program, "registers", "--json", *home))["table"]
    [listed] = [row for row in registers if row["register"] == REGISTER]
    assert (listed["rows"], listed["records"]) == (3, 2)
    found = json.loads(
        installed.run(*program, "sql", "SELECT number, status FROM authorisation ORDER BY 1", "--json", *home)
    )
    assert found == [
        {"number": "IS/1/05/017", "status": "suspended"},
        {"number": "IS/1/94/001", "status": "authorised"},
    ]
    said = {
        row["kind"] for row in json.loads(installed.run(*program, "sql", "SELECT kind FROM issue", "--json", *home))
    }
    assert said <= {"unexpected_count", "unresolved_substance"}


def test_the_page_s_own_tests_pass(installed: Installed, tmp_path: Path) -> None:
    (tmp_path / f"test_{REGISTER}.py").write_text(blocks("python")[1], encoding="utf-8")
    said = installed.run("-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path))
    assert "2 passed" in said
