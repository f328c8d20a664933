"""The operations of AWS Backup on restore jobs."""

from sandbox.backup import listing
from sandbox.backup.answering import Answer, AnsweringResponse, to_json
from sandbox.backup.restorejobs import RestoreJob


class RestoreResponse(AnsweringResponse):
    """Restore jobs: their start, and how they show. There is no operation that stops one."""

    def start_restore_job(self) -> Answer:
        """Answer with the id of the job alone."""
        return to_json({"RestoreJobId": self.backup_backend.restores.start(self.params).job_id})

    def describe_restore_job(self) -> Answer:
        """Answer with one job."""
        return to_json(self.backup_backend.restores.job(self.params["RestoreJobId"]).to_dict())

    def get_restore_job_metadata(self) -> Answer:
        """Answer with the metadata that a job was started with."""
        job = self.backup_backend.restores.job(self.params["RestoreJobId"])
        return to_json({"RestoreJobId": job.job_id, "Metadata": dict(job.metadata)})

    def list_restore_jobs(self) -> Answer:
        """Answer with a page of jobs, newest first."""
        newest_first = reversed(self.backup_backend.restores.jobs.values())
        jobs = listing.shown_restores(newest_first, self.current_account, self.params)
        return self._page("RestoreJobs", jobs, lambda job: -job.number, RestoreJob.to_dict)

    def list_restore_jobs_by_protected_resource(self) -> Answer:
        """Answer with a page of the jobs that restored what was once a resource, newest first."""
        listing.raise_for_point_arn(self.params["ResourceArn"])
        newest_first = reversed(self.backup_backend.restores.jobs.values())
        jobs = listing.shown_restores_of_resource(newest_first, self.params)
        return self._page("RestoreJobs", jobs, lambda job: -job.number, RestoreJob.to_dict)
