#!/usr/bin/env bash
# Start an on-demand AWS Backup job for every instance in a CSV (instance_id,Name,Region).
#
#   seed_backup.sh instances.csv [vault] [role name]
#
# Submits and reports; it does not wait for the jobs.
set -euo pipefail

csv=${1:?usage: seed_backup.sh instances.csv [vault] [role]}
vault=${2:-EC2-Backup}
role=${3:-service-role/AWSBackupDefaultServiceRole}
log="backup_log_$(date +%Y-%m-%d_%H%M%S).log"

say() { printf '[%s] %s\n' "$(date '+%Y-%m-%d %H:%M:%S')" "$*" | tee -a "$log"; }

account=$(aws sts get-caller-identity --query Account --output text)
say "Account $account"

arn=$(aws backup describe-backup-vault --backup-vault-name "$vault" --query BackupVaultArn --output text)
say "Vault $arn"

started=0 failed=0
while IFS=, read -r id name region || [ -n "$id" ]; do
    case $id in i-*) ;; *) continue ;; esac
    region=${region:-$AWS_REGION}
    if ! state=$(aws ec2 describe-instances --region "$region" --instance-ids "$id" \
        --query 'Reservations[0].Instances[0].State.Name' --output text 2>>"$log"); then
        say "$id ($name): not found"
        failed=$((failed + 1))
        continue
    fi
    job=$(aws backup start-backup-job --region "$region" \
        --backup-vault-name "$vault" \
        --resource-arn "arn:aws:ec2:$region:$account:instance/$id" \
        --iam-role-arn "arn:aws:iam::$account:role/$role" \
        --idempotency-token "nightly-$id" \
        --lifecycle DeleteAfterDays=7 \
        --recovery-point-tags "Name=$name,Source=seed" \
        --query BackupJobId --output text)
    say "$id ($name, $state): started $job"
    started=$((started + 1))
done <"$csv"

say "Started $started, failed $failed"
aws backup list-backup-jobs --by-backup-vault-name "$vault" --output text \
    --query 'BackupJobs[].[BackupJobId,ResourceArn,State]' | tee -a "$log"
[ "$failed" -eq 0 ]
