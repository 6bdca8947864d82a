"""What any such portal needs and nothing of the field: leases, locks, limits, wake-ups, HTTP, Redis."""
