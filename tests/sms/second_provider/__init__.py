"""A second provider: all that it is like is in this folder, and its name in SMS_BACKEND is all that the rest needs."""
