"""How a request moves, from draft to decision. Knows no browser."""
