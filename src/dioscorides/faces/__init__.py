"""Faces: they render Answers and know nothing else."""
