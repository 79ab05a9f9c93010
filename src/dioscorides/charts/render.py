"""A picture and its outputs: SVG, PNG, a web page that needs nothing else."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec

#: The version of Vega-Lite that the pictures are drawn with.
VEGALITE = "6.1"
#: The width of a phone in pixels, and up to which width a page is read on one.
PHONE, NARROW = 360, 600

P = ParamSpec("P")


@dataclass(frozen=True)
class Picture:
    """A Vega-Lite specification with its `title`; in a notebook it shows itself."""

    spec: dict[str, Any]
    title: str
    redraw: Callable[[float], Picture] | None = field(default=None, repr=False, compare=False)

    def at(self, width: float) -> Picture:
        """The same picture, laid out anew for a `width` in pixels, such as 360 for a phone."""
        return self.redraw(width) if self.redraw else self

    def svg(self) -> str:
        """The picture as SVG text."""
        import vl_convert

        return str(vl_convert.vegalite_to_svg(self.spec, vl_version=VEGALITE))

    def png(self, scale: float = 2.0) -> bytes:
        """The picture as PNG, `scale` dots to the pixel."""
        import vl_convert

        return bytes(vl_convert.vegalite_to_png(self.spec, vl_version=VEGALITE, scale=scale))

    def html(self, language: str = "en") -> str:
        """A page that stands alone: its scripts are within, it asks no other address for anything. A narrow screen gets
        the picture as it is laid out for one.
        """
        import vl_convert

        scripts = vl_convert.javascript_bundle(
            "window.draw = (spec, at) => vegaEmbed(at, spec, {actions: false, renderer: 'svg', mode: 'vega-lite'});",
            vl_version=VEGALITE,
        )
        # "</" would end the script early.
        specs = json.dumps([self.spec, self.at(PHONE).spec], ensure_ascii=False).replace("</", "<\\/")
        scripts = scripts.replace("</script", "<\\/script")
        label = html.escape(self.spec["description"], quote=True)
        return (
            f'<!doctype html>\n<html lang="{html.escape(language, quote=True)}">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{html.escape(self.title)}</title>\n"
            "<style>body{margin:0;background:#fff}figure{margin:0;overflow-x:auto}</style>\n</head>\n<body>\n"
            f'<figure id="picture" role="img" aria-label="{label}"></figure>\n'
            f'<script type="module">\n{scripts}\nconst specs = {specs};\n'
            f'const narrow = window.matchMedia("screen and (max-width: {NARROW}px)");\n'
            'const show = () => window.draw(specs[narrow.matches ? 1 : 0], "#picture");\n'
            'narrow.addEventListener("change", show);\nshow();\n</script>\n</body>\n</html>\n'
        )

    def save(self, path: str | Path) -> Path:
        """Write the picture to `path`, in the kind its ending names.

        Raises ValueError for an ending other than .svg, .png, .html and .json (the specification).
        """
        path = Path(path)
        match path.suffix.lower():
            case ".svg":
                path.write_text(self.svg(), encoding="utf-8")
            case ".png":
                path.write_bytes(self.png())
            case ".html":
                path.write_text(self.html(), encoding="utf-8")
            case ".json":
                path.write_text(json.dumps(self.spec, ensure_ascii=False, indent=1), encoding="utf-8")
            case other:
                raise ValueError(
                    f"A picture is written as .svg, .png, .html or .json, not as {other or 'a file without ending'}."
                )
        return path

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {"application/vnd.vegalite.v6+json": self.spec, "image/svg+xml": self.svg(), "text/plain": self.title}


def at_any_width(draw: Callable[P, Picture]) -> Callable[P, Picture]:
    """A drawing function, of data and options of which `width` is one, whose pictures can be drawn anew at another."""

    @wraps(draw)
    def drawn(*args: P.args, **options: P.kwargs) -> Picture:
        # what can be read once only would be empty the second time
        kept: Any = [list(one) if isinstance(one, Iterator) else one for one in args]
        said: Any = {name: list(one) if isinstance(one, Iterator) else one for name, one in options.items()}

        def at(width: float) -> Picture:
            return replace(draw(*kept, **said | {"width": width}), redraw=at)

        return replace(draw(*kept, **said), redraw=at)

    return drawn
