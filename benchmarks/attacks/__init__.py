"""What is tried on the program, a module a kind (see benchmarks/attack.py)."""
