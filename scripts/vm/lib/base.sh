# The part of the VM's root that is the same for every run: the programs, /init, the
# users. Built once and kept in the cache until one of its sources changes. Sourced.
# shellcheck shell=bash disable=SC2154 # $here and $vm_cache are of the script that sources this

# Besides busybox. Of those that busybox has as well, these are the real ones: busybox's
# ip knows no netns, its unshare and nsenter not all options. /bin/sh is this machine's
# too, since busybox's shell prefers its own applets to the programs in the PATH.
base_programs=(sh bash ip ss tc nft unshare nsenter setpriv)

# Prints the archive's path.
base_archive() {
    local program path busybox key archive stage
    local -a found=()
    for program in "${base_programs[@]}"; do
        path=$(type -P "$program") || { note "$program not found, the VM will lack it, ignoring"; continue; }
        found+=("$path")
    done
    busybox=$(type -P busybox) || die 125 "busybox not found; run: scripts/setup test"
    key=$(stat -L -c '%n %s %Y' -- "${found[@]}" "$busybox" /etc/ld.so.cache "$here/init" "$here"/lib/*.sh |
        sha256sum | cut -c 1-16)
    archive=$vm_cache/images/base-$key.cpio
    if [[ ! -e $archive ]]; then
        if ldd "$busybox" >/dev/null 2>&1; then
            die 125 "$busybox needs libraries, a static one is wanted; run: scripts/setup test"
        fi
        mkdir -p "$vm_cache/images"
        find "$vm_cache/images" -name '*.cpio' -mtime +7 -delete
        stage=$(mktemp -d "$vm_cache/images/.base.XXXXXX")
        base_stage "$stage" "$busybox" "${found[@]}"
        stage_pack "$stage" "$stage.cpio"
        rm -rf "$stage"
        mv "$stage.cpio" "$archive"
    fi
    printf '%s\n' "$archive"
}

base_stage() { # STAGE BUSYBOX PROGRAM...
    local stage=$1 busybox=$2 path
    shift 2
    mkdir -p "$stage"/{dev,etc,proc,root,run,sys,tmp,var,mnt,home/ana,usr/{bin,sbin,lib,lib64,local/bin}}
    ln -s usr/bin usr/sbin usr/lib usr/lib64 "$stage/"
    ln -s ../run "$stage/var/run"
    chmod 1777 "$stage/tmp"
    for path; do
        stage_add "$stage" "$path" "/usr/bin/${path##*/}"
    done
    # Linked from sbin as well, where some scripts look for them by full path.
    for path in ip ss tc nft; do ln -s "../bin/$path" "$stage/usr/sbin/$path"; done
    stage_add "$stage" "$busybox" /usr/bin/busybox
    while read -r path; do
        if [[ ! -e $stage/usr/bin/${path##*/} && ! -L $stage/usr/bin/${path##*/} ]]; then
            mkdir -p "$stage/$(dirname "$path")"
            ln -sf /usr/bin/busybox "$stage/$(stage_path "/$path")"
        fi
    done < <("$busybox" --list-full)
    stage_add "$stage" "$here/init" /init
    chmod 755 "$stage/init"
    printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' 'ana:x:1000:1000:Ana:/home/ana:/bin/sh' \
        'nobody:x:65534:65534:nobody:/nonexistent:/bin/false' >"$stage/etc/passwd"
    printf '%s\n' 'root:x:0:' 'ana:x:1000:' 'nogroup:x:65534:' >"$stage/etc/group"
    printf '%s\n' '127.0.0.1 localhost' '::1 localhost' '127.0.1.1 vm' >"$stage/etc/hosts"
    printf '%s\n' 'passwd: files' 'group: files' 'hosts: files dns' >"$stage/etc/nsswitch.conf"
}
