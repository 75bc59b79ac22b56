"""Fusionarium's app: pages that ask, views that draw. It reads run folders and never computes; torch is not imported."""
