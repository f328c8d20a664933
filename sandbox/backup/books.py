"""Every job that was ever made, for tests that count: exactly one for each instance, and under which token."""

from typing import Any, cast

from sandbox.backup.models import LOCK, BackupBackend, backup_backends


def settle() -> None:
    """Bring AWS Backup up to the present time in all accounts and Regions, so that its traces elsewhere are there."""
    with LOCK:
        for _, _, backend in list(backup_backends.iter_backends()):
            if isinstance(backend, BackupBackend):
                backend.life.settle()


def jobs(account: str, region: str) -> list[dict[str, Any]]:
    """Return all jobs of an account and Region in the order in which they were made, as JSON objects."""
    settle()
    backend = cast("BackupBackend", backup_backends[account][region])
    with LOCK:
        return [
            {
                "id": job.job_id,
                "instance": job.request.instance_id,
                "vault": job.request.vault_name,
                "state": job.state,
                "message": job.message,
                "token": job.request.token,
                "created": job.created.isoformat(),
            }
            for job in backend.jobs.values()
        ]
