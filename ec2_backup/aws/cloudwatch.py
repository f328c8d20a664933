"""Step 10, last part: the run's own figures as CloudWatch metrics."""

from collections.abc import Mapping
from datetime import UTC, datetime

from ec2_backup.aws.session import call
from ec2_backup.metrics import Figure
from ec2_backup.model import Target
from ec2_backup.permissions import METRICS_NAMESPACE


def put_run_metrics(vault_name: str, metrics: Mapping[str, Figure], target: Target) -> None:
    """Publish metrics, each a value and its CloudWatch unit, under the dimension BackupVaultName.

    No instance or job is a dimension: each combination would be a metric of its own on the bill.
    """
    now = datetime.now(UTC)
    data = [
        {
            "MetricName": name,
            "Dimensions": [{"Name": "BackupVaultName", "Value": vault_name}],
            "Timestamp": now,
            "Value": value,
            "Unit": unit,
        }
        for name, (value, unit) in metrics.items()
    ]
    call("cloudwatch", "put_metric_data", target, Namespace=METRICS_NAMESPACE, MetricData=data)
