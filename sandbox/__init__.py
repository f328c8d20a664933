"""AWS on a laptop: moto for EC2, IAM, STS, KMS, S3, CloudWatch and CloudTrail, and our extension for what it lacks."""


def install() -> None:
    """Put the extensions into moto, for `mock_aws` and for the server alike; a second time changes nothing."""
    from sandbox import installation  # moto takes a second to import, and only who wants it should wait  # noqa: PLC0415

    installation.install()
