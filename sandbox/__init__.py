"""AWS on a laptop: moto for EC2, IAM, STS, KMS, S3, CloudWatch and CloudTrail, and our extension for what it lacks."""
