"""What is to be restored, from the request or from wherever its CSV lies; every row with its Region."""

from dataclasses import replace

from ec2_backup.aws.s3 import get_object
from ec2_backup.aws.session import default_region
from ec2_backup.errors import UsageError
from ec2_backup.restore.model import RestoreList
from ec2_backup.restore.request import RestoreRequest
from ec2_backup.restore.rows import read_rows
from ec2_backup.sources import is_in_s3


def load_rows(request: RestoreRequest) -> RestoreList:
    """Return what is to be restored; rows that name no Region get the request's, or the one of AWS's configuration.

    Raises InventoryError with every bad line, UsageError where a row needs a Region and none is set.
    """
    if request.csv:
        content = get_object(request.csv, request.region) if is_in_s3(request.csv) else None
        listed = read_rows(request.csv, content=content)
    elif not (request.recovery_point or request.instance):
        raise UsageError(
            f"There is no file of restore {request.run_key} in the folder {request.output}, and nothing else is named.",
            hint="Name the folder of that run with --output, or what is to be restored.",
        )
    else:
        listed = RestoreList(request.recovery_point or request.instance or "", (request.row,))
    region = request.region or default_region() or ""
    rows = tuple(replace(row, region=row.region or region) for row in listed.rows)
    if not all(row.region for row in rows):
        raise UsageError("No AWS Region is set.", hint="Pass --region, or set AWS_REGION.")
    return replace(listed, rows=rows)
