"""What a certificate says, frozen at its issue."""

from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

DATES = ("valid_from", "valid_through", "issued_on")


@dataclass(frozen=True)
class DocumentContent:
    """Every printed fact. Bilingual texts are ``{"zh-hans": …, "en": …}``."""

    academy: dict[str, str]
    title: dict[str, str]
    wording: dict[str, str]
    level: dict[str, str]
    level_code: str
    holder_name: str
    staff_number: str
    serial: str
    valid_from: date
    valid_through: date
    issued_on: date
    issuer: dict[str, str]
    notice: dict[str, str]
    code: str
    verify_url: str
    document_number: str = ""
    seal: str = "sample"
    specimen: bool = False
    design: str = "guilloche"

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), **{name: getattr(self, name).isoformat() for name in DATES}}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "DocumentContent":
        known = {field.name for field in fields(cls)}
        values = {key: value for key, value in data.items() if key in known}
        return cls(**{**values, **{name: date.fromisoformat(values[name]) for name in DATES}})
