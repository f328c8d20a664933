"""The types of blocks that a run can use, registered so that Prefect's UI has a form for each."""


def register_block_types() -> str:
    """Register AWS Credentials, MinIO Credentials and S3 Bucket with Prefect, or bring them up to date; say which."""
    from prefect_aws import AwsCredentials, MinIOCredentials, S3Bucket  # noqa: PLC0415 - takes seconds

    kinds = (AwsCredentials, MinIOCredentials, S3Bucket)
    for kind in kinds:
        kind.register_type_and_schema()
    return f"Block types: {', '.join(kind.get_block_type_name() for kind in kinds)}."
