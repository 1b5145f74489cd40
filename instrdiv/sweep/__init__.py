"""Many grid points at once: grids, executed notebooks, and what is still missing."""
