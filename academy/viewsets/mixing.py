"""What our mixins stand on: the views and viewsets of Wagtail, which has no types."""

from typing import Any

# A mixin calls what the class it is mixed into brings along; the type checker takes it on trust, as it does Wagtail's.
WagtailPart: Any = object
