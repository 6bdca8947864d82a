"""Text messages on their way out: queued as rows, delivered, reported on, forgotten."""
