"""A run's config: every choice, checked once, and the name that follows from it."""

from core.config.run_config import FORMAT, PLACES, RUN_FIELDS, RunConfig, parameter_table
from core.config.run_parameters import RUN_PARAMETERS

__all__ = ["FORMAT", "PLACES", "RUN_FIELDS", "RUN_PARAMETERS", "RunConfig", "parameter_table"]
