# The environment that the commands run in: a virtual environment in the project's folder, made from a lock file.
# To be sourced by a POSIX shell that has set `project`, the project's folder.
#
#   ensure_environment LAYER    production, sandbox or test: each holds the one before
#
# sets `environment_python`. EC2_BACKUP_VENV names another folder than .venv, PYTHON another interpreter than the first
# that fits. A stamp, written last, says what is installed: while it fits, nothing is done; an install that was cut
# short has none and is done again. Trouble ends the shell with 2 and a sentence.

ensure_environment() {
    if [ -z "${HOME:-}" ]; then
        unset HOME # an empty one would become paths in the root folder; an absent one is looked up
    fi
    environment=${EC2_BACKUP_VENV:-"$project/.venv"}
    case $environment in
        /*) ;;
        *) environment=$PWD/$environment ;;
    esac
    environment=${environment%/}
    environment_python=$environment/bin/python
    environment_stamp=$environment/.ec2-backup-stamp
    _choose_layer "$1"
    if _is_current; then
        return 0
    fi
    _lock_environment
    trap '_unlock_environment' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    _choose_layer "$1"
    if ! _is_current; then
        _make_environment
    fi
    _unlock_environment
    trap - EXIT INT TERM HUP
}

_refuse() {
    printf '%s\n' "$1" >&2
    exit 2
}

# A layer that is installed already is never taken back to a narrower one.
_choose_layer() {
    layer=$1
    installed=
    if [ -r "$environment_stamp" ]; then
        read -r installed < "$environment_stamp" || :
    fi
    case $installed:$layer in
        test:* | sandbox:production) layer=$installed ;;
    esac
    lock_file=$project/requirements-$layer.lock
    if [ "$layer" = production ]; then
        lock_file=$project/requirements.lock
    fi
    [ -r "$lock_file" ] || _refuse "$lock_file is missing: this copy of the project is not whole."
}

# The folders are in the stamp because a copied environment still points at the place it was made in.
_stamp() {
    printf '%s\n%s\n%s\n%s\n' "$layer" "$(cksum < "$lock_file")" "$project" "$environment"
}

_is_current() {
    [ -r "$environment_stamp" ] && [ -x "$environment_python" ] && [ "$(cat "$environment_stamp")" = "$(_stamp)" ]
}

# mkdir is the one lock that every system and file system has. A lock whose owner is gone is taken over.
_lock_environment() {
    environment_lock=$environment.lock
    waited=0
    mkdir -p "$(dirname "$environment")" 2> /dev/null || :
    until mkdir "$environment_lock" 2> /dev/null; do
        if [ ! -d "$environment_lock" ]; then
            _refuse "$(dirname "$environment") cannot be written: set EC2_BACKUP_VENV to a folder that can."
        fi
        owner=$(cat "$environment_lock/pid" 2> /dev/null || :)
        if [ -n "$owner" ] && ! _is_running "$owner"; then
            _take_over_lock "$owner"
            continue
        fi
        # Without an owner after so long, its maker was killed in between.
        if [ -z "$owner" ] && [ "$waited" -ge 10 ]; then
            _take_over_lock ''
            continue
        fi
        if [ "$waited" -eq 0 ]; then
            echo 'Waiting for another shell that prepares the environment ...' >&2
        fi
        waited=$((waited + 1))
        if [ "$waited" -gt 1800 ]; then
            _refuse "Process $owner has prepared the environment for half an hour: end it, or remove $environment_lock."
        fi
        sleep 1
    done
    echo "$$" > "$environment_lock/pid"
}

_is_running() { # kill is refused for another user's process, /proc is Linux's, ps is not in every container
    kill -0 "$1" 2> /dev/null || [ -d "/proc/$1" ] || ps -p "$1" > /dev/null 2>&1
}

# Of several shells that see the same stale lock, only one can rename it.
_take_over_lock() {
    stale=$environment_lock.stale.$$
    if mv "$environment_lock" "$stale" 2> /dev/null; then
        if [ "$(cat "$stale/pid" 2> /dev/null || :)" = "$1" ]; then
            rm -rf "$stale"
        else
            mv "$stale" "$environment_lock" # a fresh lock, made between the look and the grasp: give it back
        fi
    fi
}

_unlock_environment() {
    if [ "$(cat "$environment_lock/pid" 2> /dev/null || :)" = "$$" ]; then
        rm -rf "$environment_lock"
    fi
}

# Print the interpreter behind the name, since a link such as /usr/bin/python3 may lead to another version some day.
_resolve_python() {
    "$1" -I -c '
import os, sys
if sys.version_info < (3, 11):
    sys.exit(1)
print(os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable))
' 2> /dev/null
}

_find_python() {
    if [ -n "${PYTHON:-}" ]; then
        base_python=$(_resolve_python "$PYTHON") && return 0
        _refuse "PYTHON names $PYTHON, which is no Python 3.11 or later."
    fi
    for name in python3.13 python3.12 python3.11 python3.14 python3 python; do
        base_python=$(_resolve_python "$name") && return 0
    done
    _refuse 'Python 3.11 or later is needed and none was found on PATH.
Install it (Debian, Ubuntu: apt install python3 python3-venv; Fedora: dnf install python3; macOS: brew install python@3.13;
with uv: uv python install 3.13), or set PYTHON to the interpreter.'
}

_has_uv() {
    command -v uv > /dev/null 2>&1
}

_make_environment() {
    if [ -e "$environment" ] && [ ! -e "$environment/pyvenv.cfg" ] && [ -n "$(ls -A "$environment" 2> /dev/null)" ]; then
        _refuse "$environment is there already and is no virtual environment: set EC2_BACKUP_VENV to another folder."
    fi
    install_log=$environment_lock/install.log
    if [ -r "$environment_stamp" ] && [ "$(tail -n 2 "$environment_stamp")" != "$(_stamp | tail -n 2)" ]; then
        rm -rf "$environment" # it was copied from elsewhere, and its scripts still name that place
    fi
    rm -f "$environment_stamp"
    if ! _is_usable_venv; then
        _create_venv
    fi
    _install_packages
    # What an editable install comes down to, without a build backend to download: the project is importable from anywhere.
    site_packages=$("$environment_python" -I -c 'import sysconfig; print(sysconfig.get_path("purelib"))') &&
        printf '%s\n' "$project" > "$site_packages/ec2_backup_automation.pth" &&
        _stamp > "$environment_stamp.new" &&
        mv "$environment_stamp.new" "$environment_stamp" ||
        _refuse "$environment could not be written to the end."
}

_is_usable_venv() {
    [ -x "$environment_python" ] && _resolve_python "$environment_python" > /dev/null
}

_create_venv() {
    _find_python
    # uv has its own way to make one, which needs neither venv nor ensurepip.
    if _has_uv && uv venv --quiet --clear --no-project --python "$base_python" "$environment" > "$install_log" 2>&1; then
        return 0
    fi
    if ! "$base_python" -I -c 'import venv, ensurepip' 2> /dev/null; then
        _refuse "$base_python has no venv module. On Debian and Ubuntu it is in a package of its own: apt install python3-venv
(python3.12-venv and so on for a version that is not the system's)."
    fi
    "$base_python" -m venv --clear "$environment" > "$install_log" 2>&1 || _show_failure
}

_install_packages() {
    _warn_of_time
    if ! { [ -n "${HOME:-}" ] && [ -d "$HOME" ] && [ -w "$HOME" ]; }; then
        export PIP_NO_CACHE_DIR=1 UV_NO_CACHE=1 # there is no home folder for a cache
    fi
    # Compiled once here, for both: else each start would compile anew what it imports, where that is not kept.
    if _has_uv && uv pip install --quiet --compile-bytecode --python "$environment_python" --no-deps --require-hashes \
        -r "$lock_file" >> "$install_log" 2>&1; then
        return 0
    fi
    if _has_uv; then
        echo "uv could not ($(tail -n 1 "$install_log")); trying pip, whose settings may know another way ..." >&2
    fi
    if ! "$environment_python" -m pip --version > /dev/null 2>&1; then
        "$environment_python" -m ensurepip >> "$install_log" 2>&1 || _show_failure
    fi
    # PIP_USER=0: a user's own "install into my home folder" has no meaning here, and pip would refuse.
    PIP_USER=0 "$environment_python" -m pip install --quiet --disable-pip-version-check --no-input --compile --no-deps \
        --require-hashes -r "$lock_file" >> "$install_log" 2>&1 || _show_failure
}

_warn_of_time() {
    if _has_uv; then
        how='uv, less than a minute'
    else
        how='pip, one to three minutes'
    fi
    echo "Preparing the $layer environment in $environment, once ($how) ..." >&2
}

_show_failure() {
    tail -n 15 "$install_log" >&2
    _refuse "
The environment could not be prepared; above are the last lines of the install. It is tried again on the next run.
Is a package index in reach? pip and uv take your proxy and index settings (HTTPS_PROXY, PIP_INDEX_URL, UV_DEFAULT_INDEX)."
}
