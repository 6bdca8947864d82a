"""The desk's pages about citizens' accounts. accounts.errands says what may be done with one, and does it."""
