"""What the branch desk does with a citizen's account, each time with a reason and an event."""
