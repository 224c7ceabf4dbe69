"""A font's cut by HarfBuzz's subset library, which PDFs need anyway: a hundredth of the time that it takes in Python."""

import ctypes
import functools
from typing import Any

from certificates.document.native import LIBRARIES

# Names of HarfBuzz's own header, hb-subset.h: they are its binary interface.
READ_ONLY = 1
NO_HINTING, OUTLINE_OF_WHAT_IS_MISSING = 0x01, 0x40
NAME_IDS, LAYOUT_FEATURES = 4, 6
KERNING = int.from_bytes(b"kern")
# Family, style, full name, name for a printer.
KEPT_NAMES = (1, 2, 4, 6)

_POINTER, _NUMBER, _NOTHING = ctypes.c_void_p, ctypes.c_uint, None
_CALLS: dict[str, tuple[Any, list[Any]]] = {
    "hb_blob_create": (_POINTER, [ctypes.c_char_p, _NUMBER, ctypes.c_int, _POINTER, _POINTER]),
    "hb_blob_destroy": (_NOTHING, [_POINTER]),
    "hb_blob_get_data": (_POINTER, [_POINTER, ctypes.POINTER(_NUMBER)]),
    "hb_face_create": (_POINTER, [_POINTER, _NUMBER]),
    "hb_face_destroy": (_NOTHING, [_POINTER]),
    "hb_face_reference_blob": (_POINTER, [_POINTER]),
    "hb_set_add": (_NOTHING, [_POINTER, ctypes.c_uint32]),
    "hb_set_clear": (_NOTHING, [_POINTER]),
    "hb_subset_input_create_or_fail": (_POINTER, []),
    "hb_subset_input_destroy": (_NOTHING, [_POINTER]),
    "hb_subset_input_set": (_POINTER, [_POINTER, ctypes.c_int]),
    "hb_subset_input_set_flags": (_NOTHING, [_POINTER, _NUMBER]),
    "hb_subset_input_unicode_set": (_POINTER, [_POINTER]),
    "hb_subset_or_fail": (_POINTER, [_POINTER, _POINTER]),
}


@functools.cache
def _library() -> ctypes.CDLL:
    # What it stands on, HarfBuzz itself, is found through it.
    library = ctypes.CDLL(LIBRARIES["libharfbuzz-subset0"][1])
    for name, (result, arguments) in _CALLS.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


def cut_to(font: bytes, characters: str) -> bytes:
    """The font with these characters and their kerning only; the same in, the same out. Raises ``ValueError``."""
    library = _library()
    whole = library.hb_blob_create(font, len(font), READ_ONLY, None, None)
    face = library.hb_face_create(whole, 0)
    asked = library.hb_subset_input_create_or_fail()
    cut = None
    try:
        wanted = library.hb_subset_input_unicode_set(asked)
        for character in characters:
            library.hb_set_add(wanted, ord(character))
        for of_what, kept in ((LAYOUT_FEATURES, (KERNING,)), (NAME_IDS, KEPT_NAMES)):
            numbers = library.hb_subset_input_set(asked, of_what)
            library.hb_set_clear(numbers)
            for number in kept:
                library.hb_set_add(numbers, number)
        library.hb_subset_input_set_flags(asked, NO_HINTING | OUTLINE_OF_WHAT_IS_MISSING)
        cut = library.hb_subset_or_fail(face, asked)
        if not cut:
            raise ValueError("HarfBuzz cannot cut this font")
        return _bytes_of(library, cut)
    finally:
        if cut:
            library.hb_face_destroy(cut)
        library.hb_subset_input_destroy(asked)
        library.hb_face_destroy(face)
        library.hb_blob_destroy(whole)


def _bytes_of(library: ctypes.CDLL, face: int) -> bytes:
    blob, length = library.hb_face_reference_blob(face), _NUMBER()
    try:
        return ctypes.string_at(library.hb_blob_get_data(blob, ctypes.byref(length)), length.value)
    finally:
        library.hb_blob_destroy(blob)
