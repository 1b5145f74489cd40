"""Exact match, generation and likelihood of a trained model; knows of no experiment."""
