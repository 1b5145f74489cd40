"""HumanEval, MBPP and the graded benchmark, with the tests that decide; knows of no model."""
