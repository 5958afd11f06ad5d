# What every script of the VM test bed uses: where the cache is, and how to say
# that something is wrong. Sourced, never run.
# shellcheck shell=bash

# shellcheck disable=SC2034 # used by those that source this
# Everything downloaded or built for the test bed lives here; it may be deleted at any time.
vm_cache=${TATTLE_CACHE:-${XDG_CACHE_HOME:-${HOME:?HOME is not set}/.cache}/tattle}

# depmod, modprobe, ip and nft are in sbin, which is not in the PATH of Debian's ordinary users.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

note() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

die() { # STATUS MESSAGE...
    local status=$1
    shift
    note "$@"
    exit "$status"
}

# Quotes one word so that every POSIX shell reads it back as it was.
quoted() { printf "'%s'" "${1//\'/\'\\\'\'}"; }

require() { # STATUS COMMAND...
    local status=$1 command
    shift
    for command; do
        command -v "$command" >/dev/null || die "$status" "$command not found; run: scripts/setup test"
    done
}
