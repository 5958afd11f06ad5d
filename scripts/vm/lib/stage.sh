# Lays out files for the VM in a folder that becomes its root: a file at its path, and
# with each program the shared libraries it asks for. Sourced, never run.
# shellcheck shell=bash disable=SC2154 # $here and $vm_cache are of the script that sources this

# Where PATH stands in the VM, whose /bin, /sbin, /lib and /lib64 are links into /usr,
# whatever they are on this machine.
stage_path() { # PATH
    local path
    path=$(realpath -ms -- "$1")
    case $path in
    /bin/* | /sbin/* | /lib/* | /lib64/*) path=/usr$path ;;
    esac
    printf '%s\n' "$path"
}

# Copies SOURCE, a file or a folder, to DESTINATION in the VM, with its libraries.
stage_add() { # STAGE SOURCE DESTINATION
    local stage=$1 source=$2 target
    target=$stage$(stage_path "$3")
    mkdir -p -- "${target%/*}"
    if [[ -d $source ]]; then
        mkdir -p -- "$target"
        cp -a --reflink=auto -- "$source/." "$target/"
        local -a programs
        mapfile -d '' -t programs < <(find "$source" -type f \( -perm /111 -o -name '*.so*' \) -print0)
        stage_libraries "$stage" "${programs[@]}"
    else
        cp -L --preserve=mode,timestamps --reflink=auto -- "$source" "$target"
        stage_libraries "$stage" "$source"
    fi
}

# Copies the libraries of the ELF files FILE to where the loader found them here, and
# what they were linked to comes along. A library outside the loader's own folders is
# also linked from /usr/lib, so that a program with an $ORIGIN path runs from anywhere.
stage_libraries() { # STAGE FILE...
    local stage=$1 library path listing
    shift
    (($#)) || return 0
    listing=$(ldd -- "$@" 2>/dev/null) || true # fails when one of them is no dynamic program
    while read -r library; do
        note "the library $library is not on this machine, ignoring"
    done < <(sed -n 's/^\t\(.*\) => not found$/\1/p' <<<"$listing" | sort -u)
    while read -r library; do
        path=$(stage_path "$library")
        if [[ -e $stage$path ]]; then continue; fi
        mkdir -p -- "$stage${path%/*}" "$stage/usr/lib"
        cp -L --preserve=mode,timestamps --reflink=auto -- "$library" "$stage$path"
        case ${path%/*} in
        /usr/lib | /usr/lib64 | /usr/lib/x86_64-linux-gnu) ;;
        *) ln -sf -- "$path" "$stage/usr/lib/${path##*/}" ;;
        esac
    done < <(sed -n -e 's/^\t.* => \(\/.*\) (0x[0-9a-f]*)$/\1/p' -e 's/^\t\(\/.*\) (0x[0-9a-f]*)$/\1/p' \
        <<<"$listing" | sort -u)
}

# Packs STAGE as a cpio archive owned by root. The kernel unpacks several such archives
# in one file one after the other. Not compressed: under emulation that is the fastest.
stage_pack() { # STAGE ARCHIVE
    (cd "$1" && find . -mindepth 1 -print0 | LC_ALL=C sort -z | cpio -0 -o -H newc --quiet -R +0:+0) >"$2"
}
