"""Figures, one function each, in one theme and from a table alone; knows of no record."""
