"""Static files with the digest of their content in the name, so that a browser keeps each for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class AcademyStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Imports of a script name digests too: a page never runs a new script with an old one that it imports."""

    support_js_module_import_aggregation = True
