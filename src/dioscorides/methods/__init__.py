"""Statistics that know nothing of medicines: numbers in, estimates out."""
