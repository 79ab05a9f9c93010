"""Where things lie: the home folder with its snapshots, cache and releases."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from dioscorides.contract import UserError


class HomeError(UserError):
    """A home folder that cannot be used; one sentence that says what to do."""


@dataclass(frozen=True)
class Home:
    """A home folder: `snapshots/`, `cache/`, `releases/` and `current`, which names the release in use."""

    path: Path

    @classmethod
    def of(cls, path: str | os.PathLike[str] | None = None) -> Home:
        """The home at `path`, else at DIOSCORIDES_HOME, else in the user's data folder."""
        if path is None:
            path = os.environ.get("DIOSCORIDES_HOME") or None
        if path is None:
            from platformdirs import user_data_path

            path = user_data_path("dioscorides")
        home = cls(Path(path).expanduser().absolute())
        if home.path.exists() and not home.path.is_dir():
            raise HomeError(f"{home.path} is a file: give --home a folder.")
        return home

    @property
    def snapshots(self) -> Path:
        return self.path / "snapshots"

    @property
    def cache(self) -> Path:
        return self.path / "cache"

    @property
    def releases(self) -> Path:
        return self.path / "releases"

    @property
    def current(self) -> Path:
        return self.path / "current"

    def in_use(self) -> str:
        """The name of the release in use, empty where there is none."""
        try:
            return self.current.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return ""

    def make(self) -> None:
        """Create the folders. Raises HomeError where that is not possible."""
        try:
            for folder in (self.cache, self.releases):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise HomeError(f"{self.path} cannot be written ({error.strerror}): choose another --home.") from error
