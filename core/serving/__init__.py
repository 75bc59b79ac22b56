"""Processes: the queue of runs, the pool of warm workers, what they send each other. No torch in the server's part."""
