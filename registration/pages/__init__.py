"""Public pages beside the wizard: home, tracking, branches."""
