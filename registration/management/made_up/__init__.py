"""Many made-up requests, for trying and measuring the desk at the size that it will have."""
