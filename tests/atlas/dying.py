"""A build that dies at its n-th step on the disk: `python dying.py HOME MIRROR STEP`. Step 0 counts the steps.

A step is whatever changes the home: a folder or file made, renamed or removed, a Parquet file before it is written,
written by half, and written, a folder brought to the disk.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from threading import Lock

import polars as pl

from dioscorides.atlas.build import build
from dioscorides.atlas.home import Home

home, mirror, fatal = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
CHANGES = ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "shutil.rmtree", "os.truncate", "os.link", "os.symlink")
lock, steps = Lock(), 0


def step() -> bool:
    """Take a step; whether it is the last."""
    global steps  # noqa: PLW0603  # one counter for all threads
    with lock:
        steps += 1
        return steps == fatal


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def watch(event: str, arguments: tuple[object, ...]) -> None:
    if event in CHANGES or (event == "open" and isinstance(arguments[2], int) and arguments[2] & os.O_ACCMODE):
        path = arguments[0]
        if isinstance(path, (str, bytes, os.PathLike)) and os.fsdecode(path).startswith(str(home)) and step():
            die()


def write_parquet(frame: pl.DataFrame, file: Path, *arguments: object, **options: object) -> None:
    if step():
        die()
    by_half, after = step(), step()
    real_write(frame, file, *arguments, **options)
    if by_half:
        os.truncate(file, Path(file).stat().st_size // 2)
    if by_half or after:
        die()


def fsync(handle: int) -> None:
    if step():
        die()
    real_fsync(handle)


real_write, real_fsync = pl.DataFrame.write_parquet, os.fsync
pl.DataFrame.write_parquet, os.fsync = write_parquet, fsync
sys.addaudithook(watch)
build(Home.of(home), mirror=mirror)
print(steps)
