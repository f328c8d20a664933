"""Addresses of the AWS console, for each partition."""

from urllib.parse import quote

_HOSTS = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}


def partition_of(region: str) -> str:
    """Return the partition that a Region is in, by its prefix."""
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def instance_url(instance_id: str, region: str) -> str:
    """Return the page of an EC2 instance."""
    return _page("ec2", region, f"InstanceDetails:instanceId={_quoted(instance_id)}")


def image_url(image_id: str, region: str) -> str:
    """Return the page of the AMI that a recovery point is."""
    return _page("ec2", region, f"ImageDetails:imageId={_quoted(image_id)}")


def job_url(job_id: str, region: str) -> str:
    """Return the page of a backup job."""
    return _page("backup", region, f"/jobs/backup/details/{_quoted(job_id)}")


def vault_url(vault_name: str, region: str) -> str:
    """Return the page of a backup vault, which lists its recovery points."""
    return _page("backup", region, f"/backupvaults/details/{_quoted(vault_name)}")


def _page(service: str, region: str, fragment: str) -> str:
    place = _quoted(region)
    return f"https://{place}.{_HOSTS[partition_of(region)]}/{service}/home?region={place}#{fragment}"


def _quoted(text: str) -> str:
    return quote(text, safe="", errors="replace")
