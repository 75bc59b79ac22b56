"""One training: the loop, its state, evaluation, diagnostics, and the recorder that writes a run folder."""
