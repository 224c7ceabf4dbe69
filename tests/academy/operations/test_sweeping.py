"""A disk that runs full, and a process that is killed as it writes, leave nothing behind for ever."""

import os
import resource
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from academy.operations.sweeping import sweep
from certificates.document.storage import path_of, store


@pytest.fixture
def var(settings, tmp_path) -> Path:
    settings.VAR_DIR, settings.PRIVATE_ROOT = tmp_path, tmp_path / "private"
    (tmp_path / "private" / "documents").mkdir(parents=True)
    return tmp_path


def test_a_document_that_finds_no_room_leaves_no_part_of_it(var):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        with pytest.raises(OSError, match="large"):
            store(b"x" * 50_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert [path for path in var.rglob("*") if path.is_file()] == []
    assert path_of(store(b"x" * 50_000)).exists()


def test_what_was_left_half_written_goes_after_a_day(var):
    now = timezone.now()
    old = [var / "private" / "exports" / "a.part", var / "private" / "records" / "b.part", var / ".restoring-x" / "c"]
    for path in [*old, var / "private" / "records" / "fresh.part", var / "private" / "documents" / "whole.pdf"]:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    ago = (now - timedelta(days=2)).timestamp()
    for path in [*old, var / ".restoring-x", var / "private" / "documents" / "whole.pdf"]:
        os.utime(path, (ago, ago))

    assert sweep(now, timezone.localdate()) == 3

    left = sorted(path.name for path in var.rglob("*") if path.is_file())
    assert left == ["fresh.part", "whole.pdf"]
