"""The wizard's storage: nothing. What a citizen answered is in the draft's row, and the session holds only its id.

formtools would keep every raw POST in the session, passwords and codes included, and write a session row for whoever
looks at the first page.
"""

from typing import Any

from formtools.wizard.storage.base import BaseStorage


class NoStorage(BaseStorage):  # type: ignore[misc]  # formtools is untyped
    """Lives as long as the request."""

    data: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.init_data()

    def set_step_data(self, step: str, cleaned_data: Any) -> None:
        """Forgotten on purpose."""
