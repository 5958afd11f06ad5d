# Prints docs/conformance-peers.md from the results. Sourced.
# shellcheck shell=bash

peers_document() { # RESULTS
	local results=$1 versions kernel
	local found=''
	cat scripts/lib/peers/document.md
	for versions in "$results"/peers-*.versions; do
		[[ -e $versions ]] || continue
		found=1
		kernel=${versions##*/peers-}
		kernel=${kernel%.versions}
		printf '\n## Kernel %s\n\n' "$kernel"
		awk '{ printf "%s%s %s", (NR == 1 ? "" : ", "), $1, $2 } END { print "." }' "$versions"
		printf '\n| tool | kinds | recorded | with outcome |\n|---|---:|---:|---:|\n'
		awk -F '\t' '
			/did not run/ { printf "| %s | %s | | |\n", $1, $2; next }
			{ gsub(/[^0-9 ]/, "", $2); split($2, n, " "); printf "| %s | %d | %d | %d |\n", $1, n[1], n[2], n[3] }' \
			"$results/peers-$kernel.summary"
		if [[ -s $results/peers-$kernel.notes ]]; then printf '\n' && cat "$results/peers-$kernel.notes"; fi
		peers_kinds "$results" "$kernel"
	done
	[[ -n $found ]] || die 1 "no results of scripts/conformance-peers in $results"
}

# Prints the table kind × tool: a cell is the verdict, with what is lacking where it says more.
peers_kinds() { # RESULTS KERNEL
	local tool tables=()
	for tool in tcpconnect tcptracer tcpstates bpftrace auditd; do
		if [[ -s $1/peers-$2-$tool.tsv ]]; then tables+=("$1/peers-$2-$tool.tsv"); fi
	done
	((${#tables[@]})) || return 0
	awk -F '\t' '
		FNR == 1 { tool = FILENAME; sub(/.*-/, "", tool); sub(/\.tsv$/, "", tool); tools[++columns] = tool }
		!($1 in known) { known[$1] = 1; kinds[++rows] = $1 }
		{ cell[$1, columns] = $2 == "partly" ? $2 ": " $3 : $2 }
		END {
			line = "| kind |"; rule = "|---|"
			for (c = 1; c <= columns; c++) { line = line " " tools[c] " |"; rule = rule "---|" }
			print ""; print line; print rule
			for (r = 1; r <= rows; r++) {
				line = "| " kinds[r] " |"
				for (c = 1; c <= columns; c++) line = line " " ((kinds[r], c) in cell ? cell[kinds[r], c] : "") " |"
				print line
			}
		}' "${tables[@]}"
}
