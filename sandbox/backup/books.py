"""Every job that was ever made, for tests that count: exactly one for each instance, and under which token."""

from typing import Any, cast

from sandbox.backup.models import LOCK, BackupBackend, backup_backends


def settle() -> None:
    """Bring AWS Backup up to the present time in all accounts and Regions, so that its traces elsewhere are there."""
    with LOCK:
        for _, _, backend in list(backup_backends.iter_backends()):
            if isinstance(backend, BackupBackend):
                backend.agenda.settle()


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


def restores(account: str, region: str) -> list[dict[str, Any]]:
    """Return all restore jobs of an account and Region in the order in which they were made, as JSON objects."""
    settle()
    backend = cast("BackupBackend", backup_backends[account][region])
    with LOCK:
        return [
            {
                "id": job.job_id,
                "instance": job.instance_id,
                "point": job.point.arn,
                "state": job.state,
                "message": job.message,
                "token": job.token,
                "restored": job.instance.id if job.instance else "",
                "created": job.created.isoformat(),
            }
            for job in backend.restores.jobs.values()
        ]


def copies(account: str, region: str) -> list[dict[str, Any]]:
    """Return all copy jobs that an account has started in a Region, in the order of their start, as JSON objects."""
    settle()
    backend = cast("BackupBackend", backup_backends[account][region])
    with LOCK:
        return [
            {
                "id": job.job_id,
                "instance": job.resource_arn.rsplit("/", 1)[-1],
                "point": job.source.arn,
                "vault": job.request.destination.arn,
                "state": job.state,
                "message": job.message,
                "token": job.request.token,
                "created": job.created.isoformat(),
            }
            for job in backend.copies.jobs.values()
        ]
