"""The branch desk: finding requests, deciding about them, signing in with a second factor."""
