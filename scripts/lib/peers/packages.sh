# The peers' Debian packages: fetched with the machine's own apt settings, unpacked into the
# cache, never installed. Sourced.
# shellcheck shell=bash disable=SC2154 # $vm_cache is of scripts/vm/lib/common.sh

peer_packages=(libbpf-tools bpftrace auditd)
# bpftrace's script includes headers of these.
peer_headers=(libc6-dev linux-libc-dev)

# Prints the folder where they are unpacked, as it lies in a root with a merged /usr.
peers_fetch() {
	local cache=$vm_cache/peers versions key package
	versions=$(apt-cache policy "${peer_packages[@]}" "${peer_headers[@]}" | grep -E '^[^ ]|Candidate:')
	for package in "${peer_packages[@]}"; do
		if ! grep -A 1 "^$package:" <<<"$versions" | grep -q 'Candidate: [^(]'; then
			note "this machine's apt offers no package $package (apt-get update? another distribution than Debian?)"
			return 1
		fi
	done
	key=$(sha256sum <<<"$versions" | cut -c 1-16)
	if [[ ! -e $cache/$key/complete ]]; then
		rm -rf "${cache:?}/$key"
		mkdir -p "$cache/$key/archives/partial" "$cache/$key/root"/usr/{bin,sbin,lib}
		# --reinstall: the packages' files are wanted even where they are installed.
		if ! apt-get install -y --reinstall --download-only --no-install-recommends -o Debug::NoLocking=1 \
			-o APT::Sandbox::User= -o Dir::Cache::archives="$cache/$key/archives" \
			"${peer_packages[@]}" "${peer_headers[@]}" >"$cache/$key/apt.log" 2>&1; then
			note "the peers' packages cannot be fetched:"
			tail -n 5 "$cache/$key/apt.log" >&2
			return 1
		fi
		for package in "$cache/$key/archives"/*.deb; do
			peers_unpack "$package" "$cache/$key/root"
		done || return 1
		touch "$cache/$key/complete"
	fi
	printf '%s\n' "$cache/$key/root"
}

# Unpacks PACKAGE into ROOT, what is in /lib and /sbin into /usr.
peers_unpack() { # PACKAGE ROOT
	local own folder
	own=$(mktemp -d "$2.XXXXXX")
	dpkg-deb -x "$1" "$own" || return 1
	for folder in bin sbin lib; do
		if [[ -d $own/$folder ]]; then cp -a "$own/$folder" "$2/usr/"; fi
	done
	if [[ -d $own/usr ]]; then cp -a "$own/usr" "$2/"; fi
	rm -rf "$own"
	find "$2/usr/lib" -name "*.a" -delete # for linking only, and large
}

# Prints "PACKAGE VERSION" for each of the peers under ROOT.
peers_versions() { # ROOT
	local package
	for package in "${peer_packages[@]}"; do
		dpkg-deb -W --showformat '${Package} ${Version}\n' "$1/../archives/${package}"_*.deb
	done
}
