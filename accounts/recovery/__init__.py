"""Recovering a password."""
