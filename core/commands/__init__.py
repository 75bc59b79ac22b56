"""The commands of `python -m core`, one file each: HELP, `arguments(parser, default_runs)`, `execute(options)`."""
