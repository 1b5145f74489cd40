"""Fetched files, collections of instructions and their mixtures; knows of no training."""
