"""What makes `make run` and `make test` work on a bare machine. Production uses nothing of it."""
