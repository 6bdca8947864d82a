"""What a citizen walks through: the steps of the registration."""
