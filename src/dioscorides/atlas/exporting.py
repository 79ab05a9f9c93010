"""Copying a release to a folder, to pass it on: whole or not at all."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from dioscorides.atlas.release import Atlas
from dioscorides.contract import UserError


class ExportError(UserError):
    """An export that cannot be done."""


def export_release(atlas: Atlas, to: Path) -> list[str]:
    """Copy the release to the new folder `to`; gives the files copied. Raises ExportError."""
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise ExportError(f"{to} is there already: name a new or an empty folder with --to.")
    partial = to.parent / f".{to.name}-{os.getpid()}"
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(atlas.path, partial)
        partial.replace(to)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ExportError(f"{to} could not be written ({reason}): make room or choose another folder.") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return sorted(path.name for path in to.iterdir())
