"""The certificate as a document: its content, its fonts, its page. Pure: no database, no clock, no settings."""

from certificates.document.content import DocumentContent
from certificates.document.glyphs import missing_characters
from certificates.document.page import render_certificate, screen_html

__all__ = ["DocumentContent", "missing_characters", "render_certificate", "screen_html"]
