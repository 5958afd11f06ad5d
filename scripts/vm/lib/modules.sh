# The kernel modules that go into the VM: those it needs to start, those loaded at boot,
# and those the kernel may ask for by itself, with all they depend on. Sourced.
# shellcheck shell=bash disable=SC2154 # $here and $vm_cache are of the script that sources this

# Loaded first, or nothing can be told to the outside.
modules_needed=(virtio_pci virtio_console)
# Loaded at boot.
modules_default=(nf_tables nft_reject nft_reject_inet nft_reject_ipv4 nft_reject_ipv6 veth dummy)
# In the image, loaded when the kernel or somebody asks for them. Some kernels have some
# of them built in, or not at all.
modules_on_demand=(nft_chain_nat nft_counter nft_ct nft_limit nft_log nft_nat nft_masq nft_redir nft_fib_inet
    inet_diag tcp_diag udp_diag raw_diag unix_diag netlink_diag mptcp_diag sctp sctp_diag
    dccp_ipv4 dccp_ipv6 nfs nfsv3 nfsv4
    tun bridge macvlan ipvlan sch_netem sch_tbf sch_ingress cls_bpf act_mirred
    vsock vsock_loopback vsock_diag tls br_netfilter)

# Prints the path of an archive with the modules of the kernel in folder KERNEL: those
# above, and MODULE.... Kept in the cache.
modules_archive() { # KERNEL MODULE...
    local kernel=$1 release key archive stage path
    shift
    release=$(<"$kernel/release")
    local -a wanted=("${modules_needed[@]}" "${modules_default[@]}" "${modules_on_demand[@]}" "$@")
    key=$(printf '%s\n' "$release" "$(stat -c '%n %Y' "$kernel/vmlinuz" "${BASH_SOURCE[0]}")" "${wanted[@]}" |
        sha256sum | cut -c 1-16)
    archive=$vm_cache/images/modules-$key.cpio
    if [[ ! -e $archive ]]; then
        require 125 modprobe depmod
        mkdir -p "$vm_cache/images"
        stage=$(mktemp -d "$vm_cache/images/.modules.XXXXXX")
        # Without this machine's modprobe.d, which has options of its own for some modules.
        while read -r path; do
            mkdir -p "$stage/usr${path%/*}"
            cp --reflink=auto "$kernel$path" "$stage/usr$path"
        done < <(modprobe -C /dev/null -d "$kernel" -S "$release" -a --show-depends -- "${wanted[@]}" 2>/dev/null |
            sed -n "s|^insmod .*\(/lib/modules/$release/[^ ]*\).*|\1|p" | sort -u)
        mkdir -p "$stage/usr/lib/modules/$release"
        cp "$kernel/lib/modules/$release"/modules.{order,builtin,builtin.modinfo} "$stage/usr/lib/modules/$release/"
        depmod -b "$stage/usr" "$release" || die 125 "depmod failed for $release"
        stage_pack "$stage" "$stage.cpio"
        rm -rf "$stage"
        mv "$stage.cpio" "$archive"
    fi
    printf '%s\n' "$archive"
}

# Prints those of MODULE... that the kernel in folder KERNEL has as a file to load; says
# which ones it knows neither so nor built in.
modules_loadable() { # KERNEL MODULE...
    local kernel=$1 release module
    shift
    release=$(<"$kernel/release")
    for module; do
        if grep -qE "(^|/)${module//[-_]/[-_]}\.ko" "$kernel/lib/modules/$release/modules.dep"; then
            printf '%s\n' "$module"
        elif ! grep -qE "(^|/)${module//[-_]/[-_]}\.ko" "$kernel/lib/modules/$release/modules.builtin"; then
            note "kernel $release has no module $module, ignoring"
        fi
    done
}
