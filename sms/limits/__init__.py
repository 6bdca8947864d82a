"""How many codes may be sent, and how many tried: counted in the rows themselves, in PostgreSQL.

The rows are the ledger, so a flushed Redis forgets nothing. Counting and sending happen under advisory locks of what
is counted, so parallel requests cannot all see the last free place.
"""
