"""Rules for new passwords, and how they are hashed."""
