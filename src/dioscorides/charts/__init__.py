"""Shapes of pictures in one theme: a table in, a picture out, knowing nothing of what the table is about.

One module per shape, each with one function of the same name: `curves`, `dots`, `timeline`, `heat`, `matrix`. A
picture is a Vega-Lite specification (`render.Picture`): the same in notebook, command line and web. The
specifications are written as they are published, as plain dictionaries: Altair would take longer to import than any
of them to draw, and reads them with `altair.Chart.from_dict(picture.spec)`.
"""
