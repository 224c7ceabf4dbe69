"""Files that people bring into the library: what one is named must be what it is. Wagtail takes these forms by settings."""

from collections.abc import Callable
from copy import copy
from pathlib import PurePath
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from wagtail.documents.forms import BaseDocumentForm
from wagtail.images.forms import BaseImageForm
from wagtailmedia.forms import BaseMediaForm

from academy.viewsets.file_kinds import kind_of, promised_by, words_for
from academy.viewsets.mixing import WagtailPart


def check_content(file: Any) -> None:
    """Raises ``ValidationError`` that names what an upload is, where that is not what its name says."""
    ending = PurePath(getattr(file, "name", "") or "").suffix.lower().removeprefix(".")
    promised = promised_by(ending)
    if not promised or not isinstance(file, UploadedFile):
        return
    kind = kind_of(file)
    if kind not in promised:
        said = {"ending": ending, "kind": words_for(kind)}
        raise ValidationError(_("The file is named .%(ending)s, but by its content it is %(kind)s.") % said)


def _checked(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def read_what_it_is(data: Any) -> Any:
        check_content(data)
        return read(data)

    return read_what_it_is


class TrueFiles(WagtailPart):
    """Every file of the form is looked at before the field itself reads it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.FileField):
                vars(field)["to_python"] = _checked(field.to_python)

    def _post_clean(self) -> None:
        """What a field refused is not judged once more, nor what is said of the row behind it: that has no file to look at."""
        files = (name for name, field in self.fields.items() if isinstance(field, forms.FileField))
        refused = {name: copy(self._errors[name]) for name in files if name in self._errors}
        super()._post_clean()
        if refused:
            self._errors.update(refused)
            self._errors.pop(NON_FIELD_ERRORS, None)


class DocumentForm(TrueFiles, BaseDocumentForm):
    pass


class ImageForm(TrueFiles, BaseImageForm):
    pass


class MediaForm(TrueFiles, BaseMediaForm):
    pass
