"""The training loop, tuning by adapters, optimisers, learning curves; knows of no experiment."""
