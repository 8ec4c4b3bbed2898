"""The pipeline on many machines, through Ray Data."""
