"""Reports of every kind for the tests of the HTML page."""

from ec2_backup.model import Key, ServiceRole, Vault
from ec2_backup.report.html import to_html
from ec2_backup.results import RunError, RunReport
from ec2_backup.states import RunStatus, Verdict
from tests.unit.copies import copied, with_copies
from tests.unit.pages import Page
from tests.unit.reports import ROLE_ARN, a_report, failed, not_started, planned, proven, running, unseen

KEY = "arn:aws:kms:eu-central-1:123456789012:key/abcd1234-1111-4222-8333-444455556666"
VAULT = Vault("EC2-Backup", "arn:aws:backup:eu-central-1:123456789012:backup-vault:EC2-Backup", "eu-central-1", KEY)
RUN_URL = "http://127.0.0.1:4217/flow-runs/flow-run/75c2287d"
MIXED = a_report(
    proven(1, name="payroll-db"), proven(2), failed(3), failed(4), running(5), not_started(6), unseen(7),
    vaults=(VAULT,), role=ServiceRole("AWSBackupDefaultServiceRole", ROLE_ARN), keys=(Key(KEY, "Enabled"),),
    run_url=RUN_URL, notes=("2 volumes are not encrypted",),
)  # fmt: skip
DRY = a_report(planned(1), planned(2), status=RunStatus.PLANNED)
ABORTED = a_report(
    status=RunStatus.ABORTED,
    caller=None,
    error=RunError("VaultError", "there is no such vault", "Correct --vault.", 12),
)
LARGE = a_report(*(proven(number) if number % 50 else failed(number) for number in range(1, 301)))
COPIES = with_copies(copied(proven(1)), copied(proven(2), Verdict.FAILED, "Access Denied", "Let them in."))
REPORTS = [MIXED, DRY, ABORTED, LARGE, COPIES]


def page_of(report: RunReport) -> Page:
    """Return the page of a report, as a browser would read it."""
    return Page(to_html(report))
