"""The book made from notebooks and pages; executes notebooks, and trains nothing."""
