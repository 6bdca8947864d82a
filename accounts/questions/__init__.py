"""Security questions and their answers."""
