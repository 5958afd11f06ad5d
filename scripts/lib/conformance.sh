# Sourced by scripts/conformance: from the cells that the Kinds tests leave to a table.
#
# Each machine's folder RESULTS/records/MACHINE/HOOK_SET/.conformance has a line for each kind:
# KIND <tab> right|limited|missing|wrong <tab> why.

# Prints `MACHINE HOOK_SET FILE` for each, in the order of the table's columns.
list_columns() { # RESULTS
	local results=$1 machine set file
	for machine in vm-5.10 vm-6.1 vm-6.12 host vm-newest; do
		for set in trampoline kprobe tracepoint; do
			file=$results/records/$machine/$set/.conformance
			if [[ -e $file ]]; then printf '%s %s %s\n' "$machine" "$set" "$file"; fi
		done
	done
}

release_of() { # RESULTS MACHINE
	local file=$1/$2.release
	if [[ -s $file ]]; then cat "$file"; else uname -r; fi
}

write_table() { # RESULTS
	local results=$1 machine set file
	local -a files=() heads=()
	while read -r machine set file; do
		files+=("$file")
		heads+=("$(release_of "$results" "$machine" | sed -E 's/^([0-9]+\.[0-9]+).*/\1/')<br>$set")
	done < <(list_columns "$results")
	((${#files[@]})) || { echo "conformance: no results in $results" >&2; return 1; }
	cat <<EOF
# Conformance: every kind of attempt, under every hook set, on every kernel

Written by \`make conformance\` at commit $(git rev-parse --short HEAD 2>/dev/null || echo unknown); do not edit. The workload makes one attempt of each kind from a
process of its own, in a network namespace of its own, and states the truth; a cell compares with it what tattle recorded: that there is
a record and only one, its destination, its process, its outcome and errno, how it was made (\`tattle.via\`) and who stood in the way (\`tattle.blocked_by\`).

✓ all of that is right · a letter: not all, for the reason below · – the kernel or the machine cannot make such an attempt · **✗** wrong

Kernels:$(list_columns "$results" | awk '!seen[$1]++ {print $1}' | while read -r machine; do printf ' %s;' "$(release_of "$results" "$machine")"; done | sed 's/;$/./')

EOF
	awk -v heads="$(printf '%s\t' "${heads[@]}")" -F '\t' '
		FNR == 1 { column++ }
		{
			if (!($1 in row)) { row[$1] = ++rows; kind[rows] = $1 }
			if ($2 == "right") text = "✓"
			else if ($2 == "missing") text = "–"
			else if ($2 == "limited") {
				if (!($3 in letter)) { letter[$3] = sprintf("%c", 97 + reasons); reason[++reasons] = $3 }
				text = letter[$3]
			} else text = "**✗**"
			cell[row[$1], column] = text
		}
		END {
			count = split(heads, head, "\t") - 1
			line = "| kind |"; rule = "|---|"
			for (i = 1; i <= count; i++) { line = line " " head[i] " |"; rule = rule ":-:|" }
			print line; print rule
			for (r = 1; r <= rows; r++) {
				line = "| `" kind[r] "` |"
				for (i = 1; i <= count; i++) line = line " " ((r, i) in cell ? cell[r, i] : "?") " |"
				print line
			}
			print ""
			for (i = 1; i <= reasons; i++) printf "- **%s**: %s\n", sprintf("%c", 96 + i), reason[i]
		}' "${files[@]}"
	printf '\nWhat other tracers make of the same attempts is in [conformance-peers.md](conformance-peers.md).\n'
}

count_cells() { # RESULTS
	local machine set file wrong=0
	while read -r machine set file; do
		printf '%-28s %-11s %s\n' "$(release_of "$1" "$machine")" "$set" \
			"$(cut -f 2 "$file" | sort | uniq -c | awk '{printf "%s%s %s", sep, $1, $2; sep = ", "}')"
		if grep -q $'\twrong\t' "$file"; then
			wrong=1
			sed -n $'s/\twrong\t/ /p' "$file" | cut -c1-200 | sed 's/^/    /'
		fi
	done < <(list_columns "$1")
	return "$wrong"
}
