"""A graded benchmark: small Python functions described in words, for models of code that are small.

A *family* is a template with settings (`family`); its *grade* is counted in its solution
(`grades`); *hidden tests* are chosen so that known wrong programs fail (`hidden_tests`); the
*split* holds out whole families (`split`). Families are data, one file a topic (`catalog`).
"""
