"""Which of the native libraries that PDFs need is missing. Imports nothing of the academy, so ./run can ask early."""

import ctypes.util

LIBRARIES = {
    "libpango-1.0-0": ("pango-1.0", "libpango-1.0.so.0"),
    "libpangoft2-1.0-0": ("pangoft2-1.0", "libpangoft2-1.0.so.0"),
    "libharfbuzz-subset0": ("harfbuzz-subset", "libharfbuzz-subset.so.0"),
}


def native_library_problems() -> list[str]:
    """Names of the Debian packages whose library cannot be loaded."""
    missing = []
    for package, (name, file) in LIBRARIES.items():
        for candidate in (file, ctypes.util.find_library(name)):
            try:
                if candidate and ctypes.CDLL(candidate):
                    break
            except OSError:
                continue
        else:
            missing.append(package)
    return missing
