"""Django's PostgreSQL, which asks less (settings, `ENGINE`)."""
