"""Signing in and staying signed in: password, known devices, the second factor of staff, sessions."""
