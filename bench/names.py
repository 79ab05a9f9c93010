"""The names engine beside its peers, in one run: `python bench/names.py ../shared/registers [--sample 60]`.

Prints, for each set and method, precision of what is accepted, recall and F1, and F1 of the strings that nothing read
here prints; look-alike pairs merged; must-not texts accepted; labels a second of one core's time; time to open the
index; memory. Sets: registers that print an ATC code beside a name (see names_sets.py), lists labelled by hand
(tests/identity/names/labels, apart where a part of them is kept), and INNs taken out of the dictionary, which nothing
may find: at random, and all that are within two letters of another.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import numpy as np
import polars as pl
from anyascii import anyascii
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA, JaroWinkler

import names_sets
from dioscorides.identity.names import Dictionary, Index, form
from dioscorides.identity.names.dictionary import OWN
from dioscorides.identity.names.text import normal, rows

LABELS = Path(__file__).parents[1] / "tests" / "identity" / "names" / "labels"
Method = Callable[[Sequence[str]], list[str | None]]


def labelled(name: str) -> list[tuple[str, ...]]:
    lines = (LABELS / name).read_text(encoding="utf-8").splitlines()
    return [tuple(line.split("\t")) for line in lines if line and not line.startswith("#")]


def sets(registers: Path, index: Index) -> dict[str, list[tuple[str, str]]]:
    """Questions and answers by set."""
    codes = names_sets.atc_names(registers)
    answers = index.resolve(list(codes.values()))
    sure = (answers["kind"] == "inn") & ~answers["substance_id"].str.contains("+", literal=True)
    truth = {
        code: identity
        for code, identity, keep in zip(codes, answers["substance_id"], sure.fill_null(False), strict=True)
        if keep
    }
    asked = names_sets.questions(registers).filter(pl.col("atc").is_in(list(truth)))
    asked = (
        asked.group_by("register", "language", "name")
        .agg(pl.col("atc").mode().sort().first())
        .sort("register", "language", "name")
    )
    found: dict[str, list[tuple[str, str]]] = {}
    for register, language, name, atc in asked.iter_rows():
        found.setdefault(f"{register} {language}", []).append((name, truth[atc]))
    for path in sorted(LABELS.glob("??.tsv")):
        pairs = labelled(path.name)
        identities = index.resolve([pair[1] for pair in pairs])["substance_id"]
        for pair, identity in zip(pairs, identities, strict=True):
            part = f"by hand {path.stem}{' kept' if len(pair) > 2 else ''}"
            found.setdefault(part, []).append((pair[0], identity or pair[1]))
    return found


def printed(registers: Path, dictionary: Dictionary) -> set[str]:
    """All names, normalised, that the authorities and the registers of the questions print."""
    names = (
        dictionary.names.filter(pl.col("register") != OWN)["name"].to_list(),
        names_sets.questions(registers)["name"].to_list(),
        names_sets.price_list_names(registers),
    )
    return {normal(name) for some in names for name in some}


def peers(dictionary: Dictionary) -> dict[str, Method]:
    """Other ways to the same dictionary."""
    bases = dict(dictionary.substances.select("substance_id", "base_substance_id").drop_nulls().iter_rows())
    named = {
        normal(name): bases.get(identity, identity)
        for identity, name in dictionary.names.select("substance_id", "name").iter_rows()
    }
    choices = list(named)
    ascii_choices = [anyascii(choice) for choice in choices]

    def exact(labels: Sequence[str]) -> list[str | None]:
        return [named.get(normal(label)) for label in labels]

    def wratio(labels: Sequence[str]) -> list[str | None]:
        hits = (process.extractOne(normal(label), choices, scorer=fuzz.WRatio, score_cutoff=90) for label in labels)
        return [named[hit[0]] if hit else None for hit in hits]

    def jaro_winkler(labels: Sequence[str]) -> list[str | None]:
        scorer = JaroWinkler.similarity
        hits = (
            process.extractOne(anyascii(normal(label)), ascii_choices, scorer=scorer, score_cutoff=0.92)
            for label in labels
        )
        return [named[choices[hit[2]]] if hit else None for hit in hits]

    found: dict[str, Method] = {
        "exact": exact,
        "rapidfuzz WRatio 90": wratio,
        "anyascii + Jaro-Winkler 0.92": jaro_winkler,
    }
    try:
        from drug_named_entity_recognition import find_drugs  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        print("drug-named-entity-recognition is not installed here: left out")
        return found

    def recognised(labels: Sequence[str]) -> list[str | None]:
        result = []
        for label in labels:
            hits = find_drugs(label.replace(",", " ").split(), is_ignore_case=True)
            result.append(named.get(normal(hits[0][0]["name"]), normal(hits[0][0]["name"])) if hits else None)
        return result

    found["drug-named-entity-recognition"] = recognised
    return found


def score(answers: Sequence[str | None], truth: Sequence[str]) -> tuple[float, float, float]:
    accepted = sum(answer is not None for answer in answers)
    right = sum(answer == wanted for answer, wanted in zip(answers, truth, strict=True))
    precision, recall = right / max(1, accepted), right / max(1, len(truth))
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def neighbours(dictionary: Dictionary, within: int = 2) -> tuple[int, int]:
    """INNs within so many letters of another, each asked of a dictionary without it: (asked, accepted)."""
    rest = pl.col("inn").is_not_null() & pl.col("base_substance_id").is_null()
    single = dictionary.substances.filter(rest)["substance_id"].sort().to_list()
    single = [name for name in single if name.isascii() and name.isalpha() and len(name) >= 5]
    table = process.cdist(single, single, scorer=OSA.distance, score_cutoff=within, dtype=np.uint8)
    near = {
        single[at]: {single[other] for other in np.flatnonzero(row <= within) if other != at}
        for at, row in enumerate(table)
    }
    blocks: list[set[str]] = []  # no two neighbours are taken out together
    for name, others in near.items():
        if others:
            block = next((block for block in blocks if not block & others), None)
            blocks.append({name}) if block is None else block.add(name)
    answers = [_without(dictionary, block).resolve(sorted(block))["substance_id"] for block in blocks]
    return sum(map(len, blocks)), sum(answer.drop_nulls().len() for answer in answers)


def _without(dictionary: Dictionary, out: Collection[str]) -> Index:
    """The index of a dictionary without some substances and their salts."""
    gone = pl.col("substance_id").is_in(out) | pl.col("base_substance_id").is_in(out).fill_null(value=False)
    rest = dictionary.substances.filter(~gone)
    names = dictionary.names.filter(pl.col("substance_id").is_in(rest["substance_id"].implode()))
    return Index.build({"substance": rest, "substance_name": names})


def held_out(dictionary: Dictionary, count: int = 1000) -> tuple[int, int]:
    """INNs taken out of the dictionary and asked in all their names: (asked, accepted, which is always wrong)."""
    single = dictionary.substances.filter(
        pl.col("inn").is_not_null() & pl.col("base_substance_id").is_null() & ~pl.col("substance_id").str.contains(" ")
    )["substance_id"]
    out = random.Random(4).sample(single.sort().to_list(), min(count, len(single)))
    index = _without(dictionary, out)
    asked = dictionary.names.filter(pl.col("substance_id").is_in(out))["name"].unique().sort().to_list()
    return len(asked), index.resolve(asked)["substance_id"].drop_nulls().len()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("registers", type=Path)
    parser.add_argument("--sample", type=int, default=60, help="names of each set that the slow peers are asked")
    options = parser.parse_args()
    started = time.perf_counter()
    dictionary = form(names_sets.authorities(options.registers))
    path = Path(tempfile.mkdtemp()) / "names.idx"
    dictionary.index(str(path))
    print(f"dictionary and index made in {time.perf_counter() - started:.0f} s; {path.stat().st_size / 1e6:.0f} MB")
    started = time.perf_counter()
    index = Index.open(path)
    print(f"index opened in {(time.perf_counter() - started) * 1000:.1f} ms; {len(index):,} names")
    found = sets(options.registers, index)
    ours: Method = lambda labels: index.resolve(list(labels))["substance_id"].to_list()  # noqa: E731

    print(f"\n{'set':22} {'names':>6}  precision recall   F1   (ours, whole set)")
    for name, pairs in found.items():
        figures = score(ours([pair[0] for pair in pairs]), [pair[1] for pair in pairs])
        print(f"{name:22} {len(pairs):6}  " + "  ".join(f"{figure:.3f}" for figure in figures))

    chosen = random.Random(1)
    sample = {name: chosen.sample(pairs, min(options.sample, len(pairs))) for name, pairs in found.items()}
    alike = rows("lookalikes.tsv")
    must_not = [line[0] for line in labelled("must_not.tsv")]
    seen = printed(options.registers, dictionary)
    print(f"\n{'method':32} precision recall   F1   F1 of strings printed nowhere  look-alikes  must-not   labels/s")
    fresh = Index.open(path)  # one that remembers no answer yet

    def asked_first(labels: Sequence[str]) -> list[str | None]:
        return fresh.resolve(list(labels))["substance_id"].to_list()

    for method, ask in {"dioscorides": asked_first, **peers(dictionary)}.items():
        questions = [pair for pairs_of_set in sample.values() for pair in pairs_of_set]
        started = time.process_time()
        answers = ask([pair[0] for pair in questions])
        took = time.process_time() - started
        truth = [pair[1] for pair in questions]
        new = [at for at, (name, _) in enumerate(questions) if normal(name) not in seen]
        reached = (*score(answers, truth), score([answers[at] for at in new], [truth[at] for at in new])[2])
        first, second = ask([pair[0] for pair in alike]), ask([pair[1] for pair in alike])
        merged = sum(one is not None and one == other for one, other in zip(first, second, strict=True))
        accepted = sum(answer is not None for answer in ask(must_not))
        print(
            f"{method:32} "
            + "   ".join(f"{figure:.3f}" for figure in reached)
            + f" (of {len(new)})   {merged:4} of {len(alike)}   {accepted:4} of {len(must_not)}"
            + f"    {len(questions) / took:12,.0f}"
        )

    exact = dictionary.names["name"].unique().sort().to_list()
    mixed = [name for pairs_of_set in found.values() for name, _ in pairs_of_set] + names_sets.price_list_names(
        options.registers
    )
    rows_mixed = names_sets.questions(options.registers)["name"].to_list()
    for what, labels in (
        ("exact, each once", exact),
        ("mixed, each once", mixed),
        ("mixed, as registers repeat them", rows_mixed),
    ):
        fresh = Index.open(path)
        started = time.process_time()
        fresh.resolve(labels)
        print(f"{what}: {len(labels):,} labels at {len(labels) / (time.process_time() - started):,.0f} a second")
    asked, wrong = held_out(dictionary)
    print(f"INNs that the dictionary does not know: {wrong} of {asked} names accepted ({wrong / asked:.2%})")
    asked, wrong = neighbours(dictionary)
    print(f"INNs within two letters of another, left out: {wrong} of {asked} accepted ({wrong / asked:.2%})")
    print(f"peak memory of the whole run {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    memory = _memory(path)
    print(f"memory of a process that only opens and asks the index: {memory:.0f} MB")


def _memory(path: Path) -> float:
    """Resident memory in MB of a fresh process after 10,000 questions."""
    import subprocess

    code = (
        "import sys\nfrom dioscorides.identity.names import Index\nindex = Index.open(sys.argv[1])\n"
        "index.resolve([f'amoxicilina {n}' for n in range(10000)])\nstatus = open('/proc/self/status')\n"
        "print(next(int(line.split()[1]) / 1024 for line in status if line.startswith('VmRSS')))"
    )
    return float(
        subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True).stdout
    )


if __name__ == "__main__":
    main()
