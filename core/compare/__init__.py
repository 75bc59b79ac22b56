"""Several fusions on the same data, seeds and budget: what is compared, how the table is made of run folders."""
