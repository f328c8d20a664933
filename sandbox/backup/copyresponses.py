"""The operations of AWS Backup on copy jobs."""

from sandbox.backup import listing
from sandbox.backup.answering import Answer, AnsweringResponse, to_json
from sandbox.backup.copyjobs import CopyJob
from sandbox.clock import epoch_seconds


class CopyResponse(AnsweringResponse):
    """Copy jobs: their start, and how they show, in the account and Region that they copy from."""

    def start_copy_job(self) -> Answer:
        """Answer with three members, as for a backup job."""
        source = self.backup_backend.point(self.params["SourceBackupVaultName"], self.params["RecoveryPointArn"])
        job = self.backup_backend.copies.start(self.params, source)
        return to_json({"CopyJobId": job.job_id, "CreationDate": epoch_seconds(job.created), "IsParent": False})

    def describe_copy_job(self) -> Answer:
        """Answer with one job, which is in a member of its own."""
        return to_json({"CopyJob": self.backup_backend.copies.job(self.params["CopyJobId"]).to_dict()})

    def list_copy_jobs(self) -> Answer:
        """Answer with a page of jobs, newest first."""
        newest_first = reversed(self.backup_backend.copies.jobs.values())
        jobs = listing.shown_copies(newest_first, self.current_account, self.params)
        return self._page("CopyJobs", jobs, lambda job: -job.number, CopyJob.to_dict)
