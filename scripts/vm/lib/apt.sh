# An apt of our own: its own package lists, its own downloads, one suite, and nothing
# of the machine's state touched or needed. It asks the mirror that the machine's own
# apt is set up with, so no host is named here. Sourced, never run.
# shellcheck shell=bash
#
# Trust: only Debian's archive keys, from the machine's package debian-archive-keyring.
# A suite is signed with several releases' keys at once (sid with those of the stable
# releases around it), and one good signature is enough, so the keyring of Debian 12
# verifies bullseye to sid. Debian's retired keys are accepted for suites that have
# been archived: they were retired for age, not revoked. Expired lists are accepted:
# an archived suite's are never renewed, and the kernel only runs inside a VM.

# Prints the mirrors worth asking for SUITE, one "URI SUITE" a line, best first.
apt_sources() { # SUITE
    local suite=$1 debian security
    debian=$(apt_mirror Debian)
    security=$(apt_mirror Debian-Security)
    if [[ -n $debian ]]; then
        printf '%s %s\n' "$debian" "$suite" "$debian" "$suite-updates"
    fi
    if [[ -n $security ]]; then
        printf '%s %s\n' "$security" "$suite-security"
    fi
    if [[ $debian == */debian/ ]]; then
        printf '%s %s\n' "${debian%/debian/}/debian-archive/debian/" "$suite"
    fi
}

# Prints where the machine's own apt gets Debian's packages with LABEL from, or nothing.
apt_mirror() { # LABEL
    apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(COMPONENT)|$(CREATED_BY)|$(REPO_URI)' |
        awk -F '|' -v label="$1" '
            $1 == "Debian" && $2 == label && $3 == "main" && $4 == "Packages" && !uri { uri = $5 }
            END { if (uri) print uri }'
}

# Prints Debian's keyrings as apt's signed-by wants them.
apt_keyrings() {
    local keyring keyrings=()
    for keyring in /usr/share/keyrings/debian-archive-*.gpg /usr/share/keyrings/debian-archive-*.pgp; do
        if [[ -r $keyring ]]; then keyrings+=("$keyring"); fi
    done
    local IFS=,
    printf '%s' "${keyrings[*]}"
}

# Makes DIR an apt of its own that knows one suite of one mirror. From then on, every
# apt command with APT_CONFIG=DIR/apt.conf works there.
apt_configure() { # DIR URI SUITE
    local dir=$1 uri=$2 suite=$3
    mkdir -p "$dir/state/lists/partial" "$dir/cache/archives/partial"
    printf 'deb [arch=amd64 signed-by=%s] %s %s main\n' "$(apt_keyrings)" "$uri" "$suite" >"$dir/sources.list"
    cat >"$dir/apt.conf" <<CONF
Dir::State "$dir/state";
Dir::State::status "/dev/null";
Dir::Cache "$dir/cache";
Dir::Etc::sourcelist "$dir/sources.list";
Dir::Etc::sourceparts "/dev/null";
APT::Architecture "amd64";
APT::Architectures { "amd64"; };
APT::Sandbox::User "";
APT::Update::Error-Mode "any";
Acquire::Check-Valid-Until "false";
Acquire::Languages "none";
Acquire::Retries "2";
CONF
}

# Prints PACKAGE and those it depends on, as far as they are parts of a cloud kernel:
# since Debian 14 an image is split into linux-binary and linux-modules.
apt_kernel_packages() { # PACKAGE
    local package depends dependency
    local -a todo=("$1")
    local -A seen=()
    while ((${#todo[@]})); do
        package=${todo[0]}
        todo=("${todo[@]:1}")
        if [[ -n ${seen[$package]:-} ]]; then continue; fi
        seen[$package]=1
        printf '%s\n' "$package"
        depends=$(apt-cache show --no-all-versions "$package" | sed -n 's/^\(Pre-\)\?Depends: //p')
        for dependency in ${depends//[,|]/ }; do
            case $dependency in
            linux-*-cloud-amd64 | linux-*-cloud-amd64-unsigned) todo+=("$dependency") ;;
            esac
        done
    done
}
