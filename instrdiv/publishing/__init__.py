"""The book made from notebooks and pages; executes them, and knows of no training."""
