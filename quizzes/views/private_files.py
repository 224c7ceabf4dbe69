"""Private files on their way out: always a download, under a name that the program gives."""

from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404


def file_answer(file: FieldFile, name: str) -> FileResponse:
    """The file under ``name`` and its own ending. Raises ``Http404`` where it is gone from the disk."""
    ending = str(file).rsplit(".", 1)[-1]
    try:
        return FileResponse(file.open("rb"), as_attachment=True, filename=f"{name}.{ending}")
    except FileNotFoundError:
        raise Http404 from None
