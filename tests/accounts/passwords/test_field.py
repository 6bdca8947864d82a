"""The field of a password: nobody who looks over a shoulder reads it, and nothing typed comes back."""

import pytest
from django import forms

from accounts.passwords.field import PasswordField


@pytest.mark.parametrize("current", [True, False])
def test_a_password_field_hides_what_is_typed(current: bool) -> None:
    class OnePassword(forms.Form):
        password = PasswordField(current=current)

    drawn = str(OnePassword({"password": "Zangule21"})["password"])

    assert 'type="password"' in drawn
    assert "Zangule21" not in drawn
