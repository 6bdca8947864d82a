"""Services as others build them: their libraries, configured as docs/services.md says, sign people in here."""
