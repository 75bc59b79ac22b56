"""Fusionarium's engine: everything is a mapping.

    sample   {modality: x_m}                       core.data
    encode   x_m -> z_m       (B, T, D), (B, D)    core.encoders
    fuse     {z_m} -> h       (B, D)               core.fusion
    judge    h, z -> named loss terms              core.objectives
    inspect  z -> metrics and pictures             core.metrics, core.projection

Importing this package loads no torch: the dashboard reads `config`, `catalog`, `runs`, `store` and
`frames` from a process that must stay small.
"""

__version__ = "0.1.0"
