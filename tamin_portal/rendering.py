"""How forms and static files are drawn."""

from django.forms.renderers import TemplatesSetting
from whitenoise.storage import CompressedManifestStaticFilesStorage


class PortalRenderer(TemplatesSetting):
    """Our own field template, looked up among the project's templates."""

    field_template_name = "forms/field.html"


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """Names with a content hash, so that browsers may keep them for ever; a name the manifest lacks is served as it is.

    Without `collectstatic` (tests, the first minute of development) plain names still work.
    """

    manifest_strict = False

    def stored_name(self, name: str) -> str:
        """The hashed name; the plain one for a file that was not collected, which the hashing itself would refuse."""
        try:
            return str(super().stored_name(name))
        except ValueError:
            return name
