#!/usr/bin/env bash
# Restore the newest recovery point of an instance into the subnet that it came from, and wait for the new instance.
#
#   restore.sh instance-id [vault] [role name]
set -euo pipefail

id=${1:?usage: restore.sh instance-id [vault] [role]}
vault=${2:-EC2-Backup}
role=${3:-service-role/AWSBackupDefaultServiceRole}

account=$(aws sts get-caller-identity --query Account --output text)
point=$(aws backup list-recovery-points-by-backup-vault --backup-vault-name "$vault" \
    --by-resource-arn "arn:aws:ec2:$AWS_REGION:$account:instance/$id" \
    --query 'RecoveryPoints[?Status==`COMPLETED`] | [0].RecoveryPointArn' --output text)
aws backup get-recovery-point-restore-metadata --backup-vault-name "$vault" --recovery-point-arn "$point" \
    --query 'RestoreMetadata.{SubnetId: SubnetId, SecurityGroupIds: SecurityGroupIds, InstanceType: InstanceType}' \
    >metadata.json

job=$(aws backup start-restore-job --recovery-point-arn "$point" --resource-type EC2 \
    --iam-role-arn "arn:aws:iam::$account:role/$role" --metadata file://metadata.json \
    --copy-source-tags-to-restored-resource --query RestoreJobId --output text)

for _ in $(seq 60); do
    status=$(aws backup describe-restore-job --restore-job-id "$job" --query Status --output text)
    case $status in COMPLETED) break ;; FAILED | ABORTED) exit 1 ;; esac
    sleep 1
done

new=$(aws backup describe-restore-job --restore-job-id "$job" --query CreatedResourceArn --output text)
aws ec2 wait instance-running --instance-ids "${new##*/}"
echo "$job $status ${new##*/}"
aws ec2 terminate-instances --instance-ids "${new##*/}" --query 'TerminatingInstances[].CurrentState.Name' --output text
