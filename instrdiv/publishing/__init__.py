"""The book made from notebooks and pages; knows of no way to make a run."""
