"""The command `fusionarium`, and in an installation the home of the assets; `core` is the engine, `dashboard` the app."""
