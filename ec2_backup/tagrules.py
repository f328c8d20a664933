"""What EC2 takes as a tag."""

import re
import unicodedata

TAG_TEXT = re.compile(r"[\w\s+\-=.:/@]*")  # EC2 user guide, "Tag restrictions": what every service accepts


def raise_for_tag(key: str, value: str) -> None:
    """Raise ValueError where EC2 would refuse the tag (EC2 user guide, "Tag restrictions")."""
    if not 1 <= len(key) <= 128 or len(value) > 256:
        raise ValueError(f"tag {key[:40]!r}: a key has 1 to 128 characters and a value at most 256")
    if key.lower().startswith("aws:"):
        raise ValueError(f"tag {key!r}: the prefix aws: is reserved")
    if not TAG_TEXT.fullmatch(key) or not TAG_TEXT.fullmatch(value):
        raise ValueError(f"tag {key!r}: letters, digits, spaces and + - = . _ : / @ only")


def raise_for_name(name: str) -> None:
    """Raise ValueError where EC2 would refuse the text as the value of a Name tag (EC2 API reference, Tag).

    EC2 takes any character there; those of `raise_for_tag` are for tags that every service is to accept.
    """
    if len(name) > 256:
        raise ValueError(f"the name {name[:40]!r}… has {len(name)} characters, and at most 256 are possible")
    if name.lower().startswith("aws:"):
        raise ValueError(f"the name {name[:40]!r}: the prefix aws: is reserved")
    if any(unicodedata.category(char) in {"Cc", "Cs"} for char in name):
        raise ValueError(f"the name {name[:40]!r} has a control character, or one that is no text")
