"""Kavenegar: everything that the portal knows about this provider."""
