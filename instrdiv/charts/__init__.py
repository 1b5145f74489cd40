"""Figures: one theme, one way to show them, one function per figure, each drawn from a table."""
