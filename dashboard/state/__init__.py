"""What a person chose, one dataclass per page with its fields' metadata, and the link that carries all of it."""
