"""Embeddings -> pictures: 2-D layouts that move little between epochs, and metrics of how faithful they are."""
