"""Sphinx configuration: Markdown pages, one per register made from its register.yaml."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import pages  # noqa: E402  # stands beside this file

from dioscorides import __version__  # noqa: E402

project = "Dioscorides"
author = "The Dioscorides project"
copyright = "The Dioscorides project, Apache-2.0"  # the name that Sphinx wants
version = release = __version__
extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = "Dioscorides"
exclude_patterns = ["_build"]

pages.write(HERE / "registers")
