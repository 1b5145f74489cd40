"""Records of runs, their store and their locks; knows of no experiment."""
