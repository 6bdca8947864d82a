"""`make bench`: what the portal costs, as tables. Nothing is asserted; every figure has its reference beside it."""
