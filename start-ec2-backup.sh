#!/bin/sh
# Backs up the EC2 instances of a list and proves each backup: see README.md, or run it with --help.
# It makes the environment it needs on its first run; then it is cli.py, whose exit code is its own.
set -eu

# Find the project behind any symlinks (macOS before 12.3 has no readlink -f).
script=$0
while [ -L "$script" ]; do
    target=$(readlink "$script")
    case $target in
        /*) script=$target ;;
        *) script=$(dirname "$script")/$target ;;
    esac
done
project=$(CDPATH='' cd -- "$(dirname -- "$script")" && pwd -P)

. "$project/scripts/environment.sh"

layer=production
[ "${1:-}" = sandbox ] && layer=sandbox
for argument in "$@"; do
    case $argument in
        --sandbox | --sandbox=*) layer=sandbox ;;
        --) break ;;
    esac
done

ensure_environment "$layer"
export PYTHONUNBUFFERED=1 PYTHONUTF8=1
exec "$environment_python" "$project/cli.py" "$@"
