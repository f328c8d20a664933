"""What EC2 takes as a tag."""

import re

TAG_TEXT = re.compile(r"[\w\s+\-=.:/@]*")  # EC2 user guide, "Tag restrictions": what every service accepts


def raise_for_tag(key: str, value: str) -> None:
    """Raise ValueError where EC2 would refuse the tag (EC2 user guide, "Tag restrictions")."""
    if not 1 <= len(key) <= 128 or len(value) > 256:
        raise ValueError(f"tag {key[:40]!r}: a key has 1 to 128 characters and a value at most 256")
    if key.lower().startswith("aws:"):
        raise ValueError(f"tag {key!r}: the prefix aws: is reserved")
    if not TAG_TEXT.fullmatch(key) or not TAG_TEXT.fullmatch(value):
        raise ValueError(f"tag {key!r}: letters, digits, spaces and + - = . _ : / @ only")
