"""A service to try the provider with: a page of our own under /demo-service/, where phones are the handset page."""
