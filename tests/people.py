"""Made-up people for tests and demos. Their national codes have the serial part 999xxx, which no office has reached."""


def national_code(number: int, office: int = 1) -> str:
    """The `number`-th (0–999) made-up national code of an office: `OOO999NNN` and its check digit."""
    nine = f"{office:03}999{number:03}"
    remainder = sum(int(digit) * weight for digit, weight in zip(nine, range(10, 1, -1), strict=True)) % 11
    return nine + str(remainder if remainder < 2 else 11 - remainder)
