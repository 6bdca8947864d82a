"""What is counted day by day, for whoever leads a branch, a province or the portal. Knows no browser."""
