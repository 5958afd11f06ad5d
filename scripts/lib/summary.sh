# Sourced by scripts/test: reads Swift Testing's output, keeps the count, compares records.

passed=0
failed=0
summary=()

# Only what went wrong, and the closing line: a test log is long.
show_failures() {
	grep -aE '^✘|^↳|error:|Test run with|skipped:' | grep -avE '^✘ Suite' | cut -c1-400 | head -n 60
}

# note KEY NAME LOG: adds a log's closing line to the count.
note() {
	local log=$3 total issues line
	line=$(grep -aE 'Test run with [0-9]+ test' "$log" | tail -n 1)
	total=$(sed -nE 's/.*Test run with ([0-9]+) test.*/\1/p' <<<"$line")
	# Each test that failed has one closing line.
	issues=$(grep -acE '^✘ Test .* failed after' "$log")
	skipped=$(grep -acE '^(➜|→).*skipped' "$log")
	if [[ -z $total ]]; then
		failed=$((failed + 1))
		summary+=("$2: DID NOT FINISH")
		return
	fi
	if [[ $line != *passed* && $issues == 0 ]]; then issues=1; fi
	passed=$((passed + total - issues - skipped))
	failed=$((failed + issues))
	summary+=("$2: $((total - issues - skipped)) passed, $issues failed, $skipped skipped")
}

# The normalised records of each kind must be the same under every hook set of every kernel.
compare_records() {
	local folder=$1 kinds=0 differing=0 kind sums
	while read -r kind; do
		kinds=$((kinds + 1))
		sums=$(find "$folder" -type f -name "$kind" -exec sha256sum {} + | awk '{print $1}' | sort -u | wc -l)
		if [[ $sums != 1 ]]; then
			differing=$((differing + 1))
			echo "✘ $kind is not the same everywhere:"
			find "$folder" -type f -name "$kind" -exec sha256sum {} + | sort | sed "s|$folder/||; s|^\(.\{12\}\)[^ ]*|  \1|"
		fi
	done < <(find "$folder" -type f -printf '%f\n' | sort -u)
	passed=$((passed + kinds - differing))
	failed=$((failed + differing))
	summary+=("same records everywhere: $((kinds - differing)) of $kinds kinds, in $(find "$folder" -mindepth 2 -maxdepth 2 -type d | wc -l) kernels and hook sets")
}

# The last lines; exits 1 when anything failed.
summarize() {
	echo
	echo "== summary"
	printf '%s\n' "${summary[@]}"
	echo "$passed passed, $failed failed"
	((failed == 0))
}
