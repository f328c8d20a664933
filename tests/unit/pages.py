"""A reader of HTML for tests: what a browser would make elements, attributes and text of."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"br", "input", "meta"}


@dataclass
class Element:
    """An element with the text inside of it; one whose end tag is left out has text up to where its parent ends."""

    tag: str
    attributes: dict[str, str]
    texts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.texts)


class Page(HTMLParser):
    """The elements of a page, in its order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self._held: dict[int, list[Element]] = {}
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = self._add(tag, attrs)
        if tag not in _VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._add(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.texts.append(data)

    def _add(self, tag: str, attrs: list[tuple[str, str | None]]) -> Element:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        self._held[id(element)] = []
        for outer in self._open:
            self._held[id(outer)].append(element)
        return element

    def all(self, *tags: str) -> list[Element]:
        """Return the elements with one of these tags."""
        return [element for element in self.elements if element.tag in tags]

    def one(self, tag: str, **attributes: str) -> Element:
        """Return the only element with this tag and these attributes."""
        (found,) = [one for one in self.all(tag) if attributes.items() <= one.attributes.items()]
        return found

    def with_class(self, name: str) -> list[Element]:
        """Return the elements of this class."""
        return [element for element in self.elements if name in element.attributes.get("class", "").split()]

    def inside(self, outer: Element) -> list[Element]:
        """Return the elements that an element holds."""
        return self._held[id(outer)]

    def shape(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield each element's tag with the names of its attributes: what no text may change."""
        return ((element.tag, tuple(element.attributes)) for element in self.elements)
