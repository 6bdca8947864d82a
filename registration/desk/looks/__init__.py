"""Who of the staff looked at whom, and searched for whom: for those who answer for it."""
