"""Draws the picture of the README: the passport of Kymriah from the bundled sample, as the command prints it.

python docs/pictures.py
"""

import io
import re
import tempfile
from pathlib import Path

from rich.console import Console

import dioscorides
from dioscorides.faces import terminal

PICTURE = Path(__file__).parent / "pictures" / "passport.svg"


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        answer = dioscorides.build(home, sample=True).passport("Kymriah")
        console = Console(record=True, width=150, highlight=False, force_terminal=True, file=io.StringIO())
        terminal.draw(console, answer)
        picture = console.export_svg(title="dioscorides passport Kymriah")
    # a picture that asks no other site for its letters
    PICTURE.write_text(re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL), encoding="utf-8")


if __name__ == "__main__":
    main()
