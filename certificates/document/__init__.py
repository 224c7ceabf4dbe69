"""The certificate as a document. ``content``, ``glyphs``, ``artwork`` and ``page`` are pure; ``issuing`` numbers it and
renders it once, ``storage`` keeps it, ``verification`` answers whoever holds it."""

from certificates.document.content import DocumentContent
from certificates.document.glyphs import missing_characters
from certificates.document.page import render_certificate, screen_html

__all__ = ["DocumentContent", "missing_characters", "render_certificate", "screen_html"]
