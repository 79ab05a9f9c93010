"""Questions: one file each, with one function `ask` that takes an atlas and options and gives an Answer."""
