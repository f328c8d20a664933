"""A setup on a terminal: the plan before anything is made, and what has been made."""

from rich.console import Console
from rich.text import Text

from ec2_backup.model import Caller
from ec2_backup.report.units import count
from ec2_backup.setup.ground import Kind, Piece, Setup, Status
from ec2_backup.setup.request import SetupRequest
from ec2_backup.terminal.screen import plain, print_hanging

_STYLES = {
    Status.CREATE: "bold green",
    Status.FINISH: "bold green",
    Status.EXISTS: "dim",
    Status.DIFFERS: "bold yellow",
}
NEW_ROLE = "A new role or policy takes AWS a minute or two to know everywhere; a run waits for that by itself."


def print_setup(setup: Setup, caller: Caller, console: Console) -> None:
    """Print the plan: every piece, what will be done about it, and what is for somebody else to do."""
    print_hanging(console, plain(f"Setup of account {caller.account} as {caller.arn}", "bold"))
    console.print()
    for piece in setup.pieces:
        status = Text(f"{piece.status:<8}", style=_STYLES[piece.status])
        print_hanging(console, status, plain(_title(piece)))
        print_hanging(console, plain(piece.detail, "dim"), indent=10, wrap=False)
        if piece.advice:
            print_hanging(console, plain(f"Left as it is. What to do: {piece.advice}"), indent=10, wrap=False)
    to_do = sum(piece.is_to_do for piece in setup.pieces)
    console.print()
    print_hanging(console, plain(f"{count(to_do, 'thing')} to create." if to_do else "Nothing is to be created."))


def print_made(piece: Piece, console: Console) -> None:
    """Print one piece that has been made."""
    print_hanging(
        console, Text("✅"), plain(f"{_title(piece)} {'finished' if piece.status is Status.FINISH else 'created'}")
    )


def print_what_is_next(setup: Setup, request: SetupRequest, policy_arn: str, console: Console) -> None:
    """Print what the setup leaves to people: to attach the policy, and to run a backup."""
    if any(piece.is_to_do and piece.kind in {Kind.ROLE, Kind.POLICY} for piece in setup.pieces):
        print_hanging(console, plain(NEW_ROLE), indent=4)
    attach = f"aws iam attach-role-policy --policy-arn {policy_arn} --role-name WHOEVER-RUNS-BACKUPS"
    run = f"./start-ec2-backup.sh --vault {request.vault} --role {request.role} --dry-run"
    for label, command in (("Attach the policy:", attach), ("Try it:", run)):
        print_hanging(console, plain(label, "bold"), plain(command), indent=4, wrap=False)


def _title(piece: Piece) -> str:
    return f"{piece.kind} {piece.name}" + (f" in {piece.region}" if piece.region else "")
