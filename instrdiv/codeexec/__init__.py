"""Programs found in answers and run in a sandbox; knows of no model."""
