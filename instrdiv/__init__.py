"""Experiments that make records, and the book that is read from them."""
