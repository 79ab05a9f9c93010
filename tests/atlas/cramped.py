"""Builds in too little room, and again once there is enough: `python cramped.py disk|files HOME MIRROR SIZE…`.

`disk`: the home lies on a filesystem of SIZE bytes beyond what it holds already; `files`: no file may grow beyond SIZE
bytes. Prints as JSON, for each size: what the build said, the release that then opens and a digest of its files, the
same after a build in enough room, and what is left besides.
"""

from __future__ import annotations

import hashlib
import json
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dioscorides.atlas.build import build
from dioscorides.atlas.home import Home
from dioscorides.atlas.release import Atlas, open_current
from dioscorides.contract import UserError

PAGE = 4096


def main(what: str, home: Path, mirror: Path, sizes: list[int]) -> None:
    # what the libraries load when they are first used needs room that is not the home's
    build(Home.of(tempfile.mkdtemp()), mirror=mirror)
    said = []
    for size in sizes:
        with (on_small_disk if what == "disk" else with_small_files)(home, size) as (there, cramp, relieve):
            cramp()
            try:
                message = f"built {build(there, mirror=mirror).atlas.release}"
            except UserError as error:
                message = f"{type(error).__name__}: {error}"
            relieve()
            cramped = of_release(open_current(there))
            roomy = of_release(build(there, mirror=mirror).atlas)
            left = [str(path.relative_to(there.path)) for path in there.path.rglob(".*") if path.name != ".lock"]
            said.append({"said": message, "cramped": cramped, "roomy": roomy, "left": left})
    print(json.dumps(said))


def of_release(atlas: Atlas) -> tuple[str, str]:
    digest = hashlib.sha256()
    for path in sorted(atlas.path.iterdir()):
        digest.update(path.name.encode() + path.read_bytes())
    return atlas.release, digest.hexdigest()


@contextmanager
def on_small_disk(home: Path, size: int) -> Iterator[tuple]:
    disk = Path(tempfile.mkdtemp())
    run("mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", disk)
    there = Home.of(shutil.copytree(home, disk / "home"))
    used = shutil.disk_usage(disk).used
    yield (
        there,
        lambda: run("mount", "-o", f"remount,size={-(-used // PAGE) * PAGE + size}", disk),
        lambda: run("mount", "-o", "remount,size=64m", disk),
    )
    run("umount", disk)


@contextmanager
def with_small_files(home: Path, size: int) -> Iterator[tuple]:
    there = Home.of(shutil.copytree(home, Path(tempfile.mkdtemp()) / "home"))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield (
        there,
        lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1])),
        lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limits),
    )


def run(*command: object) -> None:
    subprocess.run(list(map(str, command)), check=True, capture_output=True)


main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), list(map(int, sys.argv[4:])))
