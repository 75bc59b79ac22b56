"""Embeddings -> pictures: 2-D layouts that move little between epochs, and figures on how much they lie."""
