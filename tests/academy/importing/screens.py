"""A file uploaded and checked on the screens of an import."""

import re

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, TestCase

from academy.models import ImportRun
from tests.academy.importing.files import HEADINGS

GOOD = "000201,张三,BJ01,柜员,,2020-01-01,,是"


BAD = "000202,李四,NO-SUCH,柜员,,2020-01-01,000201,是"


class CommittingClient(Client):
    """Runs what waits for the commit after each request, as a server does: here the import's task."""

    def request(self, **request):
        with TestCase.captureOnCommitCallbacks(execute=True):
            return super().request(**request)


def staff(*rows: str) -> str:
    return "\n".join([HEADINGS, *rows]) + "\n"


def upload(client, text: str | bytes, kind: str = "staff", name: str = "名单.csv"):
    content = text if isinstance(text, bytes) else text.encode()
    return client.post(f"/cms/imports/new/{kind}/", {"file": SimpleUploadedFile(name, content)})


def check(client, text: str, kind: str = "staff", **options) -> ImportRun:
    """Uploads, takes the columns as recognised, and lets the check run."""
    address = upload(client, text, kind)["Location"]
    page = client.get(address).content.decode()
    chosen = dict(
        re.findall(r'<select name="(column-\d+)".*?(?:<option value="([^"]*)" selected>|</select>)', page, re.S)
    )
    response = client.post(address, {**chosen, **options})
    assert response.status_code == 302, response.content.decode()
    return ImportRun.objects.get()


def address(run: ImportRun, tail: str = "") -> str:
    return f"/cms/imports/{run.uuid}/{tail}"
