"""AWS Backup for moto: backup jobs, recovery points with real AMIs, vault policies and locks."""


def install() -> None:
    """Put our backend and our routes into moto, for `mock_aws` and for moto's server alike; again does nothing.

    Vaults that moto's own backend already held are forgotten.
    """
    from moto.backup.models import backup_backends  # noqa: PLC0415 - importing this package must stay cheap

    from sandbox.backup.models import BackupBackend  # noqa: PLC0415 - imports moto's EC2, IAM, KMS, CloudWatch

    if backup_backends.backend is not BackupBackend:
        backup_backends.backend = BackupBackend
        backup_backends.clear()
