"""What a cell of an inventory says: an instance id, a Region, an account, or what it is instead."""

import re
import unicodedata

INSTANCE_ID = re.compile(r"i-(?:[0-9a-f]{8}|[0-9a-f]{17})")  # EC2 user guide, "Resource IDs": 8 digits until 2018
ANY_INSTANCE_ID = re.compile(rf"(?<![0-9a-z-]){INSTANCE_ID.pattern}(?![0-9a-z])", re.IGNORECASE)
WHAT_AN_ID_IS = "an instance id is i- and 8 or 17 hexadecimal digits"

_REGION = re.compile(r"[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}")
_ARN = re.compile(r"arn:aws[a-z-]*:ec2:([^:]*):([^:]*):instance/(.*)")
_ACCOUNT = re.compile(r"\d{12}")
_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):role/([\w+=,.@/-]{1,512})")
_RESOURCES = {
    "vol": "a volume id",
    "ami": "an AMI id",
    "snap": "a snapshot id",
    "eni": "a network interface id",
    "sg": "a security group id",
    "subnet": "a subnet id",
    "vpc": "a VPC id",
    "lt": "a launch template id",
    "mi": "a Systems Manager id of a machine outside EC2",
}
_RESOURCE_ID = re.compile(rf"({'|'.join(_RESOURCES)})-[0-9a-f]+")
_MISTAKES = {
    r"arn:": "this ARN does not name an EC2 instance",
    r"#(?:ref!|n/a|name\?|value!|div/0!|num!|null!)": "a spreadsheet left its error here instead of an instance id",
    r"(?:[0-9a-f]{8}|[0-9a-f]{17})\Z": f"the i- is missing; {WHAT_AN_ID_IS}",
    r"[-+]?\d+(?:[.,]\d+)?(?:e[-+]?\d+)?\Z": f"this is a number, as a spreadsheet may make of an id; {WHAT_AN_ID_IS}",
}
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")  # what word processors make of a hyphen
_PLACEHOLDERS = frozenset({"-", "–", "—"})  # what consoles show where there is nothing


def to_clean(cell: str) -> str:
    """Return the cell without white space around it and without characters that nobody sees; "" for a lone dash."""
    if not cell.isascii():
        cell = "".join(char for char in cell if unicodedata.category(char) != "Cf")
    cell = cell.strip()
    return "" if cell in _PLACEHOLDERS else cell


def parse_instance_id(cell: str) -> tuple[str, str | None, str | None]:
    """Return the id in lower case, with Region and account where it is an ARN; raise ValueError with the reason if not.

    Quotation marks around the id and the form ="i-…", with which people protect ids from spreadsheets, are taken off.
    """
    text = to_clean(cell).strip("='\"` \t").lower()
    if INSTANCE_ID.fullmatch(text):
        return text, None, None
    arn = _ARN.fullmatch(text)
    if arn and INSTANCE_ID.fullmatch(arn[3]):
        return arn[3], parse_region(arn[1]), arn[2] if _ACCOUNT.fullmatch(arn[2]) else None
    raise ValueError(_why_not(text))


def parse_region(cell: str) -> str | None:
    """Return the Region in lower case, None for an empty cell; raise ValueError for anything else."""
    text = to_clean(cell).lower()
    if not text:
        return None
    if _REGION.fullmatch(text):
        return text
    if _REGION.fullmatch(text[:-1]) and text[-1].isalpha():
        raise ValueError(f"{text} is an Availability Zone: its Region is {text[:-1]}")
    raise ValueError(f"{to_clean(cell)[:40]!r} is not the code of a Region, such as us-east-1")


def parse_account(cell: str) -> str | None:
    """Return the account's number, None for an empty cell; raise ValueError with the reason for anything else.

    The form 1234-5678-9012, in which the console shows it, and the signs that protect it from spreadsheets are taken.
    """
    text = to_clean(cell).strip("='\"` \t")
    digits = text.replace("-", "")
    if not text:
        return None
    if _ACCOUNT.fullmatch(digits):
        return digits
    if digits.isdecimal() and len(digits) in {10, 11}:
        raise ValueError(
            f"an account has 12 digits, {text} has {len(digits)}: did a spreadsheet take its noughts away?"
        )
    if re.fullmatch(r"\d+[.,]?\d*e\+?\d+", text, re.IGNORECASE):
        raise ValueError(f"{text} is a number as a spreadsheet shortens it: format the column of accounts as text")
    raise ValueError(f"{text[:40]!r} is not the number of an account, which has 12 digits")


def parse_role_arn(cell: str) -> tuple[str | None, str | None]:
    """Return the ARN of a role and its account, None and None for an empty cell; raise ValueError for anything else."""
    text = to_clean(cell)
    arn = _ROLE_ARN.fullmatch(text)
    if arn:
        return text, arn[1]
    if text:
        raise ValueError(f"{text[:40]!r} is not the ARN of a role, such as arn:aws:iam::210987654321:role/Backups")
    return None, None


def parse_entrance(account: str, role_arn: str, account_of_arn: str | None) -> tuple[str | None, str | None]:
    """Return an instance's account, and the role through which that is entered, of the cells that say so.

    Raises ValueError for a cell that says neither, and where account, role and the instance's ARN disagree.
    """
    role, account_of_role = parse_role_arn(role_arn)
    said = dict.fromkeys(one for one in (parse_account(account), account_of_arn, account_of_role) if one)
    if len(said) > 1:
        raise ValueError(f"its cells name more than one account: {' and '.join(said)}")
    return next(iter(said), None), role


def is_instance_id(cell: str) -> bool:
    """Say whether the cell names an instance."""
    try:
        return bool(parse_instance_id(cell))
    except ValueError:
        return False


def is_like_an_id(cell: str) -> bool:
    """Say whether the cell is some AWS id or a failed attempt at an instance id, and so cannot be a title."""
    text = to_clean(cell).lower().translate(_DASHES)
    return bool(re.match(r"i-[0-9a-f]|arn:", text) or _RESOURCE_ID.fullmatch(text) or is_instance_id(cell))


def _why_not(text: str) -> str:
    """Return why a cell in lower case is no instance id, and what it is where that can be told."""
    if not text:
        return "the instance id is missing"
    resource = _RESOURCE_ID.fullmatch(text)
    if resource:
        return f"this is {_RESOURCES[resource[1]]}; {WHAT_AN_ID_IS}"
    return next((reason for pattern, reason in _MISTAKES.items() if re.match(pattern, text)), _why_not_quite(text))


def _why_not_quite(text: str) -> str:
    """Return what is wrong with a cell that may have been meant as an instance id."""
    plain = text.translate(_DASHES)
    if plain != text and INSTANCE_ID.match(plain):
        return "its dash is not a hyphen but a longer character: write i-"
    if ANY_INSTANCE_ID.search(text):
        return "there is more than an instance id in the cell: one id a line, and a separator before anything else"
    digits = text[2:]
    if not text.startswith("i-") or " " in text:
        return f"this is not an instance id; {WHAT_AN_ID_IS}"
    wrong = next((char for char in digits if char not in "0123456789abcdef"), None)
    if wrong:
        return f"{wrong!r} is not a hexadecimal digit; {WHAT_AN_ID_IS}"
    return f"there {'is 1 digit' if len(digits) == 1 else f'are {len(digits)} digits'} after i-; {WHAT_AN_ID_IS}"
