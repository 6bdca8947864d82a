"""How what was given to services ends, and how they are told."""
