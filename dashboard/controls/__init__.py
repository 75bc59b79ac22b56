"""Controls that follow from the catalogue: nothing here knows a method by name."""
