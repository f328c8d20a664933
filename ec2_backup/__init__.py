"""Back up EC2 instances through AWS Backup and prove that each backup would restore: all that is not Prefect."""
