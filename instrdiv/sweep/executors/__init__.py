"""Where the runs of a sweep are made: here, on a Ray cluster, or by Slurm."""
