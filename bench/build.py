"""Building the atlas beside bare reading, in one run: how many times the time of just reading the same files?

    python bench/build.py MIRROR [REGISTER ...]

Bare reading opens the same files with the same libraries (Polars for text, python-calamine for spreadsheets) and writes
each table as Parquet, without asking what stands in it. Both are timed in processes of their own, in turn; ratios are
medians over the rounds, because absolute times depend on the machine.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 5
FIRST_REGISTERS = (
    "us_fda_orange_book",
    "us_fda_purple_book",
    "us_fda_drugs",
    "eu_ema_medicines",
    "ca_hc_dpd",
    "fr_ansm_bdpm",
    "cz_sukl",
)

BARE = """
import io, sys
from pathlib import Path
import polars as pl, python_calamine
from dioscorides.registers import catalogue
from dioscorides.snapshots.archives import published_files
from dioscorides.snapshots.store import Store
mirror, out, names = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]
known, rows = catalogue(), 0
for name in names:
    tables = known[name].metadata.tables.values()
    separators = {table.separator for table in tables if table.format == "delimited"}
    for snapshot in Store(mirror).snapshots(name):
        for number, file in enumerate(published_files(snapshot.path)):
            data = file.read()
            if data[:2] == b"PK" or data[:4] == bytes.fromhex("d0cf11e0"):
                book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
                values = book.get_sheet_by_index(0).to_python()
                frame = pl.DataFrame({"cells": [[str(cell) for cell in row] for row in values]})
            else:
                head = data[:4000].decode("cp1252", "replace")
                separator = max(separators or {","}, key=head.count)
                frame = pl.read_csv(
                    data, separator=separator, quote_char='"' if '"' + separator in head else None,
                    infer_schema=False,
                    encoding="utf8-lossy", truncate_ragged_lines=True, has_header=False,
                )
            rows += frame.height
            path = out / f"{name}-{snapshot.date}-{number}.parquet"
            frame.write_parquet(path, compression="zstd", compression_level=1)
print(rows)
"""

BUILD = """
import sys
from pathlib import Path
from dioscorides.atlas.build import build
from dioscorides.atlas.home import Home
build(Home(Path(sys.argv[2])), mirror=Path(sys.argv[1]), only=sys.argv[3:])
"""


def run(code: str, *arguments: str) -> tuple[float, float, str]:
    """Seconds, megabytes of memory at the peak, and what was printed."""
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, text=True)
    printed = process.communicate()[0]
    seconds = time.perf_counter() - start
    if process.returncode:
        raise SystemExit(f"a measured process failed with {process.returncode}")
    return seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, printed.strip()


def command(*arguments: str) -> float:
    """Seconds of the program's own command, process start included."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "dioscorides", *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    mirror, *names = sys.argv[1:] or ["../shared/registers"]
    names = names or list(FIRST_REGISTERS)
    bare, built, again, cold = [], [], [], []
    rows, peak = "", 0.0
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            out, home = Path(folder) / "bare", Path(folder) / "home"
            out.mkdir()
            seconds, _memory, rows = run(BARE, mirror, str(out), *names)
            bare.append(seconds)
            seconds, memory, _said = run(BUILD, mirror, str(home), *names)
            built.append(seconds)
            peak = max(peak, memory)
            again.append(run(BUILD, mirror, str(home), *names)[0])
            cold.append(command("passport", "Kymriah", "--home", str(home)))
            warm = run(WARM, str(home))[2]
    ratios = [one / other for one, other in zip(built, bare, strict=True)]
    print(f"registers                {len(names)}, {int(rows):,} rows")
    print(f"bare reading to Parquet  {statistics.median(bare):6.2f} s")
    print(f"full build               {statistics.median(built):6.2f} s, peak memory {peak:,.0f} MB")
    print(f"ratio build / bare       {statistics.median(ratios):6.2f}  ({min(ratios):.2f} to {max(ratios):.2f})")
    print(f"rebuild, nothing changed {statistics.median(again):6.2f} s")
    print(f"passport, cold           {statistics.median(cold):6.2f} s")
    print(f"passport, open atlas     {float(warm):6.1f} ms")


WARM = """
import statistics, sys, time
import dioscorides
atlas = dioscorides.open(sys.argv[1])
atlas.passport("Kymriah")
times = []
for name in ("Kymriah", "Zolgensma", "Onpattro", "metformin", "atorvastatin") * 4:
    start = time.perf_counter()
    atlas.passport(name)
    times.append(time.perf_counter() - start)
print(1000 * statistics.median(times))
"""

if __name__ == "__main__":
    main()
