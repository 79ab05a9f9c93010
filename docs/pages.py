"""Documentation pages made from what registers say of themselves: one per register, and their list."""

import tempfile
from pathlib import Path

import dioscorides
from dioscorides.atlas.table import Table
from dioscorides.questions.answer import Answer
from dioscorides.registers import catalogue
from dioscorides.registers.metadata import Metadata

COVERAGE = {
    True: "closed: absence may be read as *not authorised*",
    False: "open: absence proves nothing",
}
RANK = {"legal_act": "legal act", "register": "register", "list": "list", "crowd": "crowd: anybody may write in it"}


def write(folder: Path) -> None:
    """Write the pages of all registers known into `folder`; a page that is up to date is not touched."""
    folder.mkdir(exist_ok=True)
    cards = [register.metadata for register in catalogue().values()]
    _keep(folder / "index.md", _index(cards))
    with tempfile.TemporaryDirectory() as home:
        atlas = dioscorides.build(home, sample=True)
        for card in cards:
            _keep(folder / f"{card.id}.md", page(card) + "\n" + "\n".join(health(atlas.registers(card.id))))
    for path in folder.glob("*.md"):
        if path.stem not in {card.id for card in cards} | {"index"}:
            path.unlink()


def _keep(path: Path, text: str) -> None:
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def _index(cards: list[Metadata]) -> str:
    lines = ["# Registers", "", "| register | jurisdiction | publisher | licence |", "|---|---|---|---|"]
    lines += [
        f"| [{card.id}]({card.id}.md) | {card.jurisdiction} | {card.publisher} | {card.licence} |" for card in cards
    ]
    lines += ["", "```{toctree}", ":hidden:", "", *(card.id for card in cards), "```", ""]
    return "\n".join(lines)


def page(card: Metadata) -> str:
    """The page of a register, as Markdown."""
    since = f"from {card.covers_from}" if card.covers_from else "start not stated"
    licence = card.licence if card.licence_confirmed else f"{card.licence} (not confirmed)"
    lines = [
        f"# {card.name}",
        "",
        f"`{card.id}`",
        "",
        "| | |",
        "|---|---|",
        f"| publisher | {card.publisher} |",
        f"| jurisdiction, agency | {card.jurisdiction}, {card.agency} |",
        f"| languages | {', '.join(card.languages)} |",
        f"| published at | <{card.homepage}> |",
        f"| cadence | {card.cadence} |",
        f"| licence | [{licence}]({card.licence_url}) |" if card.licence_url else f"| licence | {licence} |",
        f"| coverage | {since}; {COVERAGE[card.closed_world]} |",
        *(
            [f"| expected | {card.yearly} authorised in each whole year from {card.yearly.since} |"]
            if card.yearly
            else []
        ),
        f"| weight of what it says | {RANK[card.rank]} |",
        "",
        "## What it lists",
        "",
        card.population,
        "",
        "## How its dates are defined",
        "",
        card.dates,
        "",
    ]
    if card.oddities:
        lines += ["## Oddities", "", *(f"- {oddity}" for oddity in card.oddities), ""]
    lines += ["## Files and columns", ""]
    for table in card.tables.values():
        used = [column for column in table.columns if column.ignored is None]
        lines += [f"**{table.name}** ({', '.join(f'`{file}`' for file in table.files)})", ""]
        if table.rows:
            lines += [f"- expected: {table.rows[0]:,} to {table.rows[1]:,} rows"]
        lines += [f"- used: {', '.join(f'`{_shown(column.headers[0])}`' for column in used)}"]
        passed = {column.headers[0]: column.ignored for column in table.columns if column.ignored} | table.ignored
        lines += [f"- ignored: `{_shown(name)}`, {reason}" for name, reason in passed.items()]
        lines += [""]
    if card.out_of_scope:
        lines += ["Files left out:", "", *(f"- `{name}`: {reason}" for name, reason in card.out_of_scope.items()), ""]
    return "\n".join(lines)


def health(answer: Answer) -> list[str]:
    """How the bundled sample of the register was read, as Markdown lines."""
    lines = ["## As read from the bundled sample", "", *_table(answer.main, "current", "register")]
    titles = {"by year": "Events by year", "issues": "Issues", "quarantine": "Quarantine, with examples"}
    for name, title in titles.items():
        if table := answer.further.get(name):
            lines += [f"### {title}", "", *_table(table)]
    return lines


def _table(table: Table, *without: str) -> list[str]:
    kept = [name for name in table.columns if name not in without]
    cell = "| {} |".format
    lines = [cell(" | ".join(name.replace("_", " ") for name in kept)), cell(" | ".join("---" for _ in kept))]
    for row in table.records():
        lines.append(cell(" | ".join(_shown(str(row[name]))[:200] if row[name] is not None else "" for name in kept)))
    return [*lines, ""]


def _shown(name: str) -> str:
    return " ".join(name.split()).replace("`", "'").replace("|", "\\|").replace("<", "&lt;")
