"""Figures: one theme, one way to show, one function a figure, each from a table alone."""
