"""Small Python functions described in words, graded, for small models of code; knows of no model.

A *family* is a template with settings (`family`); its *grade* is counted in its solution
(`grades`); *hidden tests* are chosen so that known wrong programs fail (`hidden_tests`); the
*split* holds out whole families (`split`). Families are data, one file per topic (`all_families`).
"""
