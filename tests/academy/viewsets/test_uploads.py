"""A file of the library is what its name says, at each door where it comes in; else the person reads what it is."""

import io
import os
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image as Picture
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtailmedia.models import Media

from academy.models import Role
from academy.viewsets.file_kinds import kind_of, promised_by, words_for
from tests.cast import bank, person


def picture(kind: str) -> bytes:
    drawn = io.BytesIO()
    Picture.new("RGB", (8, 8), "white").save(drawn, kind)
    return drawn.getvalue()


def archive(*names: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        for name in names:
            made.writestr(name, "x")
    return packed.getvalue()


RANDOM = bytes(range(255, 0, -1)) * 8
TRUE = {
    "mp4": b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2",
    "webm": b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm",
    "mp3": b"ID3\x04\x00\x00\x00\x00\x00\x00",
    "ogg": b"OggS\x00\x02",
    "m4a": b"\x00\x00\x00\x20ftypM4A \x00\x00\x00\x00",
    "gif": picture("gif"),
    "jpg": picture("jpeg"),
    "jpeg": picture("jpeg"),
    "png": picture("png"),
    "webp": picture("webp"),
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "docx": archive("[Content_Types].xml", "word/document.xml"),
    "xlsx": archive("[Content_Types].xml", "xl/workbook.xml"),
    "pptx": archive("[Content_Types].xml", "ppt/presentation.xml"),
    "txt": "先听，再说".encode("gb18030"),
    "csv": "工号,姓名\n1,甲\n".encode("utf-16"),
    "vtt": "\ufeffWEBVTT\n\n00:00.000 --> 00:01.000\n您好\n".encode(),
}


def test_every_ending_that_the_library_takes_is_known_by_its_content(settings):
    taken = {
        *settings.WAGTAILDOCS_EXTENSIONS,
        *settings.WAGTAILIMAGES_EXTENSIONS,
        *settings.WAGTAILMEDIA["VIDEO_EXTENSIONS"],
        *settings.WAGTAILMEDIA["AUDIO_EXTENSIONS"],
    }
    assert taken == set(TRUE)


@pytest.mark.parametrize("ending", TRUE)
def test_a_file_is_what_it_says_and_nothing_else_is(ending):
    assert kind_of(io.BytesIO(TRUE[ending])) in promised_by(ending)
    assert kind_of(io.BytesIO(RANDOM)) not in promised_by(ending)
    others = {other for other in TRUE if promised_by(other).isdisjoint(promised_by(ending))}
    assert [other for other in others if kind_of(io.BytesIO(TRUE[other])) in promised_by(ending)] == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (picture("png"), "PNG 图片"),
        (b"MZ\x90\x00\x03", "程序"),
        (archive("a.txt"), "ZIP 压缩包"),
        (b"<!DOCTYPE html><html>", "网页"),
        ("就是文字".encode(), "纯文本"),
        (b"", "空文件"),
        (RANDOM, "无法识别的文件"),
        (b"\x1aE\xdf\xa3\x9fB\x82\x88matroska", "Matroska 视频"),
        (b"PK\x03\x04broken", "无法识别的文件"),
    ],
)
def test_what_it_is_has_a_name(content, words):
    assert str(words_for(kind_of(io.BytesIO(content)))) == words


@pytest.mark.django_db
class TestDoors:
    """Each address that takes a file: (address, model, name of the field, further fields, ending)."""

    DOORS = [
        ("/cms/media/video/add/", Media, "file", {"title": "t", "duration": "0"}, "mp4"),
        ("/cms/media/audio/add/", Media, "file", {"title": "t", "duration": "0"}, "mp3"),
        (
            "/cms/media/video/chooser/upload/",
            Media,
            "media-chooser-upload-file",
            {"media-chooser-upload-title": "t"},
            "mp4",
        ),
        ("/cms/images/add/", Image, "file", {"title": "t"}, "png"),
        ("/cms/images/multiple/add/", Image, "files[]", {"title": "t"}, "png"),
        ("/cms/images/chooser/create/", Image, "image-chooser-upload-file", {"image-chooser-upload-title": "t"}, "png"),
        ("/cms/documents/add/", Document, "file", {"title": "t"}, "pdf"),
        ("/cms/documents/multiple/add/", Document, "files[]", {"title": "t"}, "pdf"),
        (
            "/cms/documents/chooser/create/",
            Document,
            "document-chooser-upload-file",
            {"document-chooser-upload-title": "t"},
            "pdf",
        ),
    ]

    @pytest.fixture
    def trainer(self, client, settings, tmp_path):
        settings.MEDIA_ROOT = tmp_path
        client.force_login(person("200001", "宋知远", bank()["HO"], roles=[Role.TRAINER]))
        return client

    @pytest.mark.parametrize("door", DOORS, ids=lambda door: door[0])
    def test_a_false_file_is_refused_with_what_it_is_and_a_true_one_taken(self, trainer, door):
        address, model, field, more, ending = door
        before = model.objects.count()

        def bring(content: bytes) -> str:
            upload = SimpleUploadedFile(f"one.{ending}", content)
            duration = {"media-chooser-upload-duration": "0"} if "/chooser/upload" in address else {}
            answer = trainer.post(address, {**more, **duration, field: upload}, HTTP_X_REQUESTED_WITH="XMLHttpRequest")
            assert answer.status_code in (200, 302), answer.content
            is_json = answer.content.startswith(b"{")
            return " ".join(map(str, answer.json().values())) if is_json else answer.content.decode()

        said = bring(archive("a.txt"))
        assert model.objects.count() == before
        assert "ZIP 压缩包" in said and f".{ending}" in said
        # Nothing false stands beside it, and a window of tabs opens at the refusal.
        assert "允许的扩展" not in said and "Allowed extensions" not in said
        assert ("/chooser/upload" in address) == (
            'data-w-tabs-active-panel-id-value=\\"tab-upload-video' in said.replace('"', '\\"')
        )
        if "/chooser/upload" in address:
            assert "选择视频" in said and "tab-upload-audio" not in said

        bring(TRUE[ending])
        assert model.objects.count() == before + 1

    def test_a_thumbnail_is_looked_at_too(self, trainer):
        fields = {"title": "t", "duration": "0", "file": SimpleUploadedFile("v.mp4", TRUE["mp4"])}
        answer = trainer.post("/cms/media/video/add/", {**fields, "thumbnail": SimpleUploadedFile("t.png", RANDOM)})
        assert "无法识别的文件" in answer.content.decode() and not Media.objects.exists()

    def test_another_file_in_the_place_of_one_that_stands(self, trainer):
        trainer.post("/cms/documents/add/", {"title": "t", "file": SimpleUploadedFile("a.pdf", TRUE["pdf"])})
        stands = Document.objects.get()
        change = f"/cms/documents/edit/{stands.pk}/"
        answer = trainer.post(change, {"title": "t", "file": SimpleUploadedFile("b.pdf", os.urandom(4) + RANDOM)})
        assert "无法识别的文件" in answer.content.decode()
        assert trainer.post(change, {"title": "renamed"}).status_code == 302
        assert Document.objects.get().title == "renamed"
