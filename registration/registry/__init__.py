"""The reference registry: reading its files, importing them, answering from them."""
