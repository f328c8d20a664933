"""The operations of AWS Backup as they come over the wire: parse, check, call the backend, answer."""

from typing import Any

from sandbox.backup import access, listing
from sandbox.backup.answering import Answer, to_json
from sandbox.backup.copyresponses import CopyResponse
from sandbox.backup.exceptions import InvalidRequestException
from sandbox.backup.jobs import Job
from sandbox.backup.points import RecoveryPoint
from sandbox.backup.restoreresponses import RestoreResponse
from sandbox.clock import epoch_seconds


class BackupResponse(RestoreResponse, CopyResponse):
    """All operations: here are those on backup jobs, recovery points, vaults and settings."""

    def start_backup_job(self) -> Answer:
        """Answer with three members: for EC2 there is no recovery point yet."""
        job = self.backup_backend.start_backup_job(self.params)
        return to_json({"BackupJobId": job.job_id, "CreationDate": epoch_seconds(job.created), "IsParent": False})

    def list_backup_jobs(self) -> Answer:
        """Answer with a page of jobs, newest first."""
        newest_first = reversed(self.backup_backend.jobs.values())
        jobs = listing.shown_jobs(newest_first, self.current_account, self.params)
        return self._page("BackupJobs", jobs, lambda job: -job.number, Job.to_dict)

    def describe_backup_job(self) -> Answer:
        """Answer with one job."""
        return to_json(self.backup_backend.job(self.params["BackupJobId"]).to_dict())

    def stop_backup_job(self) -> Answer:
        """Answer with nothing: that the job is ABORTED shows later."""
        self.backup_backend.stop_backup_job(self.params["BackupJobId"])
        return "", {}

    def list_recovery_points_by_backup_vault(self) -> Answer:
        """Answer with a page of a vault's recovery points, newest first."""
        listing.raise_for_point_arn(self.params.get("ByResourceArn"))
        newest_first = reversed(self._vault().points.values())
        points = listing.shown_points(newest_first, self.params)
        return self._page("RecoveryPoints", points, lambda point: -point.number, RecoveryPoint.to_dict)

    def list_recovery_points_by_resource(self) -> Answer:
        """Answer with a page of a resource's recovery points, newest first."""
        points = self.backup_backend.points_of_resource(self.params["ResourceArn"])
        return self._page("RecoveryPoints", points, lambda point: -point.number, RecoveryPoint.to_resource_dict)

    def describe_recovery_point(self) -> Answer:
        """Answer with one recovery point."""
        return to_json(self._point().to_dict() | {"StorageClass": "WARM"})

    def delete_recovery_point(self) -> Answer:
        """Delete a recovery point with its AMI and its snapshots; answers 200 also where its role is gone."""
        point = self._point()
        if point.status == "CREATING":
            raise InvalidRequestException("The recovery point is still being created.")
        if self._vault().locked:
            raise InvalidRequestException("The backup vault is locked: its recovery points cannot be deleted.")
        self.backup_backend.workshop.delete_or_expire(point)
        return "", {}

    def get_recovery_point_restore_metadata(self) -> Answer:
        """Answer with what a restore needs to know of the instance."""
        point = self._point()
        shown = {"BackupVaultArn": point.vault_arn, "RecoveryPointArn": point.arn, "ResourceType": "EC2"}
        return to_json(shown | {"RestoreMetadata": dict(point.restore_metadata)})

    def describe_backup_vault(self) -> Answer:
        """Answer with one vault."""
        return to_json(self._vault().to_list_dict())

    def list_backup_vaults(self) -> Answer:
        """Answer with a page of vaults by name."""
        vaults = [self.backup_backend.vaults[name] for name in sorted(self.backup_backend.vaults)]
        return self._page(
            "BackupVaultList", vaults, lambda vault: vault.backup_vault_name, lambda it: it.to_list_dict()
        )

    def put_backup_vault_lock_configuration(self) -> Answer:
        """Lock a vault."""
        names = ("MinRetentionDays", "MaxRetentionDays", "ChangeableForDays")
        self._vault().lock(*(self.params.get(name) for name in names))
        return "", {}

    def delete_backup_vault_lock_configuration(self) -> Answer:
        """Unlock a vault."""
        self._vault().unlock()
        return "", {}

    def put_backup_vault_access_policy(self) -> Answer:
        """Give a vault its access policy."""
        vault = self._vault()
        policy = self.params.get("Policy") or ""
        access.raise_for_policy(policy, self.current_account)
        vault.policy = policy
        return "", {}

    def get_backup_vault_access_policy(self) -> Answer:
        """Answer with a vault's access policy."""
        return to_json(self._vault().shown_policy())

    def delete_backup_vault_access_policy(self) -> Answer:
        """Take a vault's access policy away."""
        self._vault().policy = None
        return "", {}

    def describe_region_settings(self) -> Answer:
        """Answer with the resource types that AWS Backup may touch in this Region."""
        return to_json(
            {"ResourceTypeOptInPreference": self.backup_backend.opt_in, "ResourceTypeManagementPreference": {}}
        )

    def update_region_settings(self) -> Answer:
        """Opt resource types in or out."""
        self.backup_backend.opt_in |= self.params.get("ResourceTypeOptInPreference") or {}
        return "", {}

    def _vault(self) -> Any:
        return self.backup_backend.vault(self.params["BackupVaultName"])

    def _point(self) -> RecoveryPoint:
        return self.backup_backend.point(self.params["BackupVaultName"], self.params["RecoveryPointArn"])
