"""AWS Backup, in the four files that every service of moto has."""
