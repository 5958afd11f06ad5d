# What the benchmarks share: what a result was measured on, where it goes, and that nothing is left. Sourced, in
# the project's folder.
# shellcheck shell=bash disable=SC2034 # used by those that source this

results=.build/bench
document=docs/PERFORMANCE.md
clang=${CLANG:-clang}
mkdir -p "$results"

commit=$(git rev-parse --short=10 HEAD)
[[ -z $(git status --porcelain --untracked-files=no -- Sources bpf Makefile Package.swift) ]] || commit+=' and changes'
cpu="$(sed -n 's/^model name\s*: //p' /proc/cpuinfo | head -n 1), $(nproc) of them"

# Says what is being done now, on standard error: WHAT, as the N-th of M.
progress() { # N M WHAT...
	printf 'bench: %d of %d: %s\n' "$1" "$2" "${*:3}" >&2
}

# Adds what it was measured on to each line of JSON, an object.
stamped() {
	jq -c --arg kernel "$(uname -r)" --arg cpu "$cpu" --arg commit "$commit" '{kernel: $kernel, cpu: $cpu, commit: $commit} + .'
}

# "Linux …, CPU; commit …", what every table begins with.
measured_on() { printf 'Linux %s, %s; commit %s' "$(uname -r)" "$cpu" "$commit"; }

# A line of Markdown's tables.
row() {
	printf '|'
	printf ' %s |' "$@"
	printf '\n'
}
head_row() {
	row "$@"
	printf '|'
	printf -- '---|%.0s' "$@"
	printf '\n'
}

# Puts a section's text, scripts/bench/SECTION.md, at the end of the document where it has none yet.
begin_section() { # SECTION
	local title
	title=$(head -n 1 "scripts/bench/$1.md")
	if [[ ! -e $document ]]; then printf '# Measured\n' >"$document"; fi
	if grep -qxF "$title" "$document"; then return; fi
	printf '\n' >>"$document"
	cat "scripts/bench/$1.md" >>"$document"
}

# Replaces what stands between the marks `<!-- MARK -->` and `<!-- end -->`, and nothing else. A mark is of the form
# SECTION:NAME; one that is not there yet is put behind the section's own, `<!-- SECTION -->`. Parts that run at the same
# time wait for each other here.
write_section() { # MARK TEXT
	(
		flock 9
		replace_section "$1" "$2"
	) 9>"$results/document.lock"
}

replace_section() { # MARK TEXT
	local mark=$1 section=${1%%:*}
	begin_section "$section"
	if ! grep -qxF "<!-- $mark -->" "$document"; then
		awk -v "own=<!-- $section -->" -v "mark=<!-- $mark -->" '
			{ print }
			$0 == own { printf "\n%s\n<!-- end -->\n", mark }' "$document" >"$document.tmp"
		mv "$document.tmp" "$document"
	fi
	TEXT=$2 awk -v "mark=<!-- $mark -->" '
		$0 == mark { print; print ENVIRON["TEXT"]; skipping = 1; next }
		skipping && $0 == "<!-- end -->" { skipping = 0 }
		!skipping { print }' "$document" >"$document.tmp"
	mv "$document.tmp" "$document"
}

# A program of scripts/bench, static, so that it runs in a virtual machine too.
compile() { # NAME [FLAG...]
	"$clang" -O2 -Wall -Wextra -Werror -static -o "$results/$1" "scripts/bench/$1.c" "${@:2}"
}

need_root() {
	((EUID == 0)) || {
		echo "bench: root is needed for BPF and for network namespaces" >&2
		exit 1
	}
}

# Runs a command in a process group of its own, so that all of it can be ended: see end_groups.
groups=()
in_group() { # COMMAND...
	setsid "$@" &
	groups+=("$!")
}
end_groups() {
	local group
	for group in ${groups[@]+"${groups[@]}"}; do
		if kill -TERM -- "-$group" 2>/dev/null; then wait "$group" 2>/dev/null || true; fi
	done
}
