"""The list of accounts: for each one the role, the external id, the vault and the Regions, from a CSV."""

import re
from collections.abc import Mapping, Sequence

from ec2_backup.csvcolumns import ACCOUNT_TITLES, SEPARATORS, to_title
from ec2_backup.csvrecords import (
    MAX_COLUMNS,
    count_fields,
    rest,
    to_bad_line,
    to_cells,
    to_lines,
    to_quoting,
    to_records,
)
from ec2_backup.csvtext import read_bytes, to_text
from ec2_backup.errors import BadLine, InventoryError
from ec2_backup.instance_ids import parse_account, parse_region, to_clean
from ec2_backup.settings import ACCOUNT_ROLE_PATTERN, VAULT_PATTERN
from ec2_backup.target import Account, account_of

TITLES: Mapping[str, Sequence[str]] = {
    "account": (*ACCOUNT_TITLES, "id", "number"),
    "role": ("role", "rolename", "rolearn", "accountrole", "iamrole"),
    "external_id": ("externalid",),
    "vault": ("vault", "backupvault", "vaultname"),
    "regions": ("regions", "region", "awsregions", "awsregion"),
}

_HINT = "Its header names the columns: account,role,external_id,vault,regions; all but account may be left out."
_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[A-Za-z0-9_+=,.@/-]{1,512}")
_EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}")  # AWS STS API reference, AssumeRole


def read_accounts(source: str, *, content: bytes | None = None) -> tuple[Account, ...]:
    """Return the accounts that a CSV lists, each once.

    `source` is a local path; where the bytes came from elsewhere they are `content`, and `source` is only their name.
    Raises InventoryError where it cannot be read, or with every line that cannot be used.
    """
    try:
        text, _ = to_text(source, read_bytes(source) if content is None else content)
    except InventoryError as error:
        error.hint = _HINT
        raise
    lines = to_lines(text)
    first = next((line for line in lines if to_clean(line) and not line.startswith("#")), "")
    quoting = to_quoting(max(SEPARATORS, key=first.count))
    records, bad = to_records(lines, quoting)
    if not records:
        raise InventoryError(f"{source}: the file lists no account", hint=_HINT, bad_lines=tuple(bad))
    width = min(count_fields(records[0], quoting), MAX_COLUMNS)
    header, *rows = to_cells(records, quoting, width)
    at = _columns(source, header)
    found: dict[str, Account] = {}
    for record, cells in zip(records[1:], rows, strict=True):
        try:
            account = _account({name: to_clean(cells[place]) for name, place in at.items()})
            _raise_for_line(account, found, width if rest(record, quoting, width) else 0)
            found[account.account] = account
        except ValueError as reason:
            bad.append(to_bad_line(record.line, record.text, str(reason)))
    _raise_for_bad(source, sorted(bad, key=lambda line: line.number))
    if not found:
        raise InventoryError(f"{source}: the file lists no account", hint=_HINT)
    return tuple(found.values())


def _columns(source: str, header: Sequence[str]) -> dict[str, int]:
    """Return where each known column is; raise InventoryError for one that is unknown, there twice, or missing."""
    at: dict[str, int] = {}
    for place, cell in enumerate(header):
        name = next((name for name, titles in TITLES.items() if to_title(cell) in titles), None)
        if name in at or (name is None and to_clean(cell)):
            trouble = "is there more than once" if name else "is not known"
            raise InventoryError(f"{source}: the column {to_clean(cell)[:40]!r} {trouble}", hint=_HINT)
        if name:
            at[name] = place
    if "account" not in at:
        raise InventoryError(f"{source}: there is no column for accounts", hint=_HINT)
    return at


def _account(cells: Mapping[str, str]) -> Account:
    """Return the account of one line; raise ValueError with the reason why it is none."""
    account, role, vault = parse_account(cells["account"]), cells.get("role", ""), cells.get("vault", "")
    if account is None:
        raise ValueError("the account's number is missing")
    if role.startswith("arn:") and not _ROLE_ARN.fullmatch(role):
        raise ValueError(f"{role[:60]!r} is not the ARN of a role")
    if role.startswith("arn:") and account_of(role) != account:
        raise ValueError(f"the role is one of account {account_of(role)}")
    if role and not re.fullmatch(ACCOUNT_ROLE_PATTERN, role.removeprefix("arn:").replace(":", "")):
        raise ValueError(f"{role[:40]!r} is not the name of a role")
    if vault and not re.fullmatch(VAULT_PATTERN, vault):
        raise ValueError(f"{vault[:60]!r} is not the name of a vault: 2 to 50 letters, digits, - and _")
    external_id = cells.get("external_id", "")
    if external_id and not _EXTERNAL_ID.fullmatch(external_id):
        raise ValueError("the external id has 2 to 1224 letters, digits and + = , . @ : / - _ characters")
    regions = (parse_region(text) for text in re.split(r"[\s;,|]+", cells.get("regions", "")))
    return Account(account, role, external_id, vault, tuple(dict.fromkeys(region for region in regions if region)))


def _raise_for_line(account: Account, found: Mapping[str, Account], too_wide_for: int) -> None:
    if too_wide_for:
        raise ValueError(f"there are more than {too_wide_for} columns: quote a cell that holds a separator")
    if account.account in found:
        raise ValueError(f"account {account.account} is listed more than once")


def _raise_for_bad(source: str, bad: Sequence[BadLine]) -> None:
    if bad:
        numbers = ", ".join(str(line.number) for line in bad[:10])
        raise InventoryError(
            f"{source}: {len(bad):,} of its lines cannot be used: {numbers}",
            hint="Correct these lines. Nothing was started.",
            bad_lines=tuple(bad),
        )
