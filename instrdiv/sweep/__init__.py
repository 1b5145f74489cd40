"""Grids, grid points run by many processes, what is missing; knows of no single experiment."""
