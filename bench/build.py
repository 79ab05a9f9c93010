"""Building the atlas beside bare reading, in one run: how many times the time of just reading the same files?

    python bench/build.py MIRROR [REGISTER ...]

Bare reading opens the same files with the same libraries (Polars for text, python-calamine for spreadsheets) and writes
each table as Parquet, without asking what stands in it; both have all threads that Polars takes by itself. Each is
timed in a process of its own, in turn; ratios are medians over the rounds, because absolute times depend on the
machine. Without registers named, the first seven are measured, then all of which MIRROR has snapshots.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

ROUNDS = 5
ROUNDS_OF_ALL = 3
FIRST_REGISTERS = (
    "us_fda_orange_book",
    "us_fda_purple_book",
    "us_fda_drugs",
    "eu_ema_medicines",
    "ca_hc_dpd",
    "fr_ansm_bdpm",
    "cz_sukl",
)
#: The register whose newest snapshot changes before the last build of a round: of middle size, with many names.
CHANGED = "us_fda_orange_book"

BARE = """
import io, json, sys
from pathlib import Path
import polars as pl, python_calamine
from dioscorides.registers import catalogue
from dioscorides.snapshots.archives import published_files
from dioscorides.snapshots.store import Store

def spreadsheet(data):
    rows = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    return pl.DataFrame([pl.Series(str(at), list(map(str, cells))) for at, cells in enumerate(zip(*rows))])

def documents(data):
    found = json.loads(data)
    lists = [found, *found.values()] if isinstance(found, dict) else [found]
    rows = next(part for part in lists if isinstance(part, list))
    return pl.DataFrame({name: [str(row.get(name)) for row in rows] for name in rows[0]})

def text(data, separators):
    head = data[:4000].decode("cp1252", "replace")
    separator = max(sorted(separators), key=head.count)
    options = {"infer_schema": False, "encoding": "utf8-lossy", "truncate_ragged_lines": True, "has_header": False}
    quote = '"' if '"' + separator in head else None
    try:
        return pl.read_csv(data, separator=separator, quote_char=quote, **options)
    except pl.exceptions.ComputeError:  # quotes that are not closed
        return pl.read_csv(data, separator=separator, quote_char=None, **options)

mirror, out, names = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]
known, rows = catalogue(), 0
for name in names:
    tables = known[name].metadata.tables.values()
    separators = {table.separator for table in tables if table.format == "delimited"} or {","}
    for snapshot in Store(mirror).snapshots(name):
        for number, file in enumerate(published_files(snapshot.path)):
            data = file.read()
            if data[:2] == b"PK" or data[:4] == bytes.fromhex("d0cf11e0"):
                frame = spreadsheet(data)
            elif data.lstrip(bytes.fromhex("efbbbf"))[:1] in (b"{", b"["):
                frame = documents(data)
            else:
                frame = text(data, separators)
            rows += frame.height
            frame.write_parquet(
                out / f"{name}-{snapshot.date}-{number}.parquet", compression="zstd", compression_level=1
            )
print(rows)
"""

BUILD = """
import sys
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from dioscorides.atlas.build import build
from dioscorides.atlas.home import Home
built = build(Home(Path(sys.argv[2])), mirror=Path(sys.argv[1]), only=sys.argv[3:])
assert not built.failures, built.failures
# all processes of the build together, each at its own peak
print(sum(getrusage(who).ru_maxrss for who in (RUSAGE_SELF, RUSAGE_CHILDREN)) / 1024)
"""

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


def run(code: str, *arguments: str) -> tuple[float, str]:
    """Seconds of a process, from its start to its end, and what it printed."""
    return timed(sys.executable, "-c", code, *arguments)


def timed(*command: str) -> tuple[float, str]:
    start = time.perf_counter()
    process = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return time.perf_counter() - start, process.stdout.strip()


def program(*arguments: str) -> float:
    """Seconds of the program's own command, process start included."""
    return timed(sys.executable, "-m", "dioscorides", *arguments)[0]


def linked(mirror: Path, names: list[str], folder: Path) -> Path:
    """A mirror of links to the files of another, of which one can be changed."""
    for name in names:
        for path in sorted((mirror / name).rglob("*")):
            if path.is_file():
                link = folder / path.relative_to(mirror)
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(path.resolve())
    return folder


def change(mirror: Path, name: str) -> None:
    """Another newest snapshot of a register, with an empty line more at the end of its largest text."""
    newest = max(path for path in (mirror / name).iterdir() if path.is_dir())
    texts = [path for path in newest.rglob("*") if path.suffix in (".txt", ".csv")]
    largest = max(texts, key=lambda path: path.stat().st_size)
    data = largest.read_bytes()
    largest.unlink()
    largest.write_bytes(data + b"\r\n")


def measure(mirror: Path, names: list[str], rounds: int) -> None:
    taken: defaultdict[str, list[float]] = defaultdict(list)
    rows = ""
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            out, home, links = Path(folder) / "bare", Path(folder) / "home", Path(folder) / "mirror"
            out.mkdir()
            here = str(linked(mirror, names, links))
            seconds, rows = run(BARE, here, str(out), *names)
            taken["bare"].append(seconds)
            seconds, memory = run(BUILD, here, str(home), *names)
            taken["build"].append(seconds)
            taken["memory"].append(float(memory))
            taken["again"].append(run(BUILD, here, str(home), *names)[0])
            if "us_fda_purple_book" in names:
                taken["cold"].append(program("passport", "Kymriah", "--home", str(home)))
                taken["warm"].append(float(run(WARM, str(home))[1]))
            if CHANGED in names:
                change(links, CHANGED)
                taken["changed"].append(run(BUILD, here, str(home), *names)[0])
    print(f"registers                {len(names)}, {int(rows):,} rows")
    print(f"bare reading to Parquet  {statistics.median(taken['bare']):6.2f} s")
    print(f"full build               {statistics.median(taken['build']):6.2f} s")
    print(f"peak memory              {max(taken['memory']):6,.0f} MB")
    print(f"ratio build / bare       {ratio(taken['build'], taken['bare'])}")
    print(f"rebuild, nothing changed {statistics.median(taken['again']):6.2f} s")
    if taken["changed"]:
        print(f"rebuild, one changed     {statistics.median(taken['changed']):6.2f} s ({CHANGED})")
        print(f"ratio to a full build    {ratio(taken['changed'], taken['build'])}")
    if taken["cold"]:
        print(f"passport, cold           {statistics.median(taken['cold']):6.2f} s")
        print(f"passport, open atlas     {statistics.median(taken['warm']):6.1f} ms")
    print(flush=True)


def ratio(ones: list[float], others: list[float]) -> str:
    ratios = [one / other for one, other in zip(ones, others, strict=True)]
    return f"{statistics.median(ratios):6.2f}  ({min(ratios):.2f} to {max(ratios):.2f})"


def starts() -> None:
    """How long a shell and a program wait before anything is asked."""
    imported = [run("import dioscorides")[0] for _ in range(ROUNDS)]
    helped = [program("--help") for _ in range(ROUNDS)]
    nothing = [run("pass")[0] for _ in range(ROUNDS)]
    print(f"python, doing nothing    {statistics.median(nothing):6.2f} s")
    print(f"import dioscorides       {statistics.median(imported):6.2f} s")
    print(f"dioscorides --help       {statistics.median(helped):6.2f} s")


def main() -> None:
    from dioscorides.registers import catalogue

    mirror, *names = sys.argv[1:] or ["../shared/registers"]
    print(f"processors               {os.cpu_count()}, load {os.getloadavg()[0]:.1f}\n")
    if names:
        measure(Path(mirror), names, ROUNDS)
    else:
        measure(Path(mirror), list(FIRST_REGISTERS), ROUNDS)
        measure(Path(mirror), [name for name in catalogue() if (Path(mirror) / name).is_dir()], ROUNDS_OF_ALL)
    starts()


if __name__ == "__main__":
    main()
