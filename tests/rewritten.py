"""Rewrites the assertions of all tests once, as pytest does it where it finds no file of them: the four workers of a whole
run begin together, and each would do it, for eight seconds of its processor."""

from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).resolve().parent


class Rewriting:
    """Instead of collecting."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> bool:
        rewrite(session.config)
        return True


def rewrite(config: Any) -> None:
    from _pytest.assertion.rewrite import PYC_TAIL, _read_pyc, _rewrite_test, _write_pyc, assertstate_key

    state = config.stash[assertstate_key]
    for file in sorted([*TESTS.rglob("test_*.py"), *TESTS.rglob("conftest.py")]):
        kept = file.parent / "__pycache__" / f"{file.stem}{PYC_TAIL}"
        if _read_pyc(file, kept) is None:
            kept.parent.mkdir(exist_ok=True)
            source, code = _rewrite_test(file, config)
            _write_pyc(state, code, source, kept)


if __name__ == "__main__":
    pytest.main(["-q", "-p", "no:cacheprovider", "--noconftest"], plugins=[Rewriting()])
