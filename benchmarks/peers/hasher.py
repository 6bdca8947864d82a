"""Argon2id as the portal has it (accounts/passwords/hasher.py), in the thread of the request."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    time_cost = 2
    memory_cost = 19_456  # KiB
    parallelism = 1
