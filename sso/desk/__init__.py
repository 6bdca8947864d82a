"""Services as the head office sees them: entered by one person, opened by another."""
