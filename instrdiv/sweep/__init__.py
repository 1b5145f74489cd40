"""Grids, grid points run by many processes or machines, what is missing; knows of no single
experiment."""
