"""One-time codes: proving that somebody holds a mobile."""
