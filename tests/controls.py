"""The controls of a page, as a browser would send them."""

from html.parser import HTMLParser


class Fields(HTMLParser):
    """What a browser would send of a page's forms."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.data: dict[str, str] = {}
        self.select = self.area = None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        said = dict(attrs)
        name = said.get("name")
        if tag == "input" and name and (said.get("type") not in ("checkbox", "radio", "submit") or "checked" in said):
            self.data[name] = said.get("value") or ("on" if said.get("type") == "checkbox" else "")
        elif tag == "select":
            self.select = name
        elif tag == "textarea":
            self.area = name
            self.data[name] = ""
        elif tag == "option" and self.select and ("selected" in said or self.select not in self.data):
            self.data[self.select] = said.get("value", "")

    def handle_endtag(self, tag):
        if tag == "select":
            self.select = None
        elif tag == "textarea":
            self.area = None

    def handle_data(self, data):
        if self.area:
            self.data[self.area] += data.removeprefix("\n")
