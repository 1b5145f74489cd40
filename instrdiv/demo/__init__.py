"""The small trained models that come with the book, answering in NumPy; knows of no training."""
