"""Rules, inputs and string rewriting, drawn from seeds; knows of no model and no file."""
