# Sourced by scripts/test: reads Swift Testing's output, keeps the count, compares records.

passed=0
failed=0
summary=()

# Only what went wrong, and the closing line: a test log is long.
show_failures() {
	grep -aE '^✘ |^✔ Test run with|^━ Test run with|^error: |skipped: ' | grep -avE '^✘ Suite' | cut -c1-400 | head -n 60
}

# note NAME LOG: adds a log's closing line to the count. Nothing passed is a failure: a suite that
# skipped itself proves nothing.
note() {
	local name=$1 log=$2 total issues line skipped
	line=$(grep -aE 'Test run with [0-9]+ test' "$log" | tail -n 1)
	total=$(sed -nE 's/.*Test run with ([0-9]+) test.*/\1/p' <<<"$line")
	# Each test that failed has one closing line; the run's own is like it.
	issues=$(grep -aE '^✘ Test .* failed after' "$log" | grep -avc '^✘ Test run with')
	skipped=$(grep -acE '^(➜|→) Test .*skipped' "$log")
	if [[ -z $total ]]; then
		failed=$((failed + 1))
		summary+=("$name: DID NOT FINISH")
		return
	fi
	if [[ $line != *passed* && $issues == 0 ]]; then issues=1; fi
	if ((total == skipped)); then
		issues=1 skipped=$((total - 1))
	fi
	passed=$((passed + total - issues - skipped))
	failed=$((failed + issues))
	summary+=("$name: $((total - issues - skipped)) passed, $issues failed, $skipped skipped")
}

# compare_records FOLDER MACHINES: the normalised records of each kind must be the same under every
# hook set of every kernel. A hook set with fewer kinds than it should have is a failure too; some are
# missing where a kernel lacks something (MPTCP) or a set has a limit (docs/CONFORMANCE.md).
least_kinds=160

compare_records() {
	local folder=$1 machines=$2 kinds=0 differing=0 kind sums set count sets=0
	for set in "$folder"/*/*/; do
		[[ -d $set ]] || continue
		sets=$((sets + 1))
		count=$(find "$set" -type f ! -name '.*' | wc -l)
		if ((count < least_kinds)); then
			failed=$((failed + 1))
			echo "✘ only $count kinds were recorded in ${set#"$folder"/}"
		fi
	done
	# Three sets in each machine, at least one here.
	if ((sets < machines * 3 + 1)); then
		failed=$((failed + 1))
		echo "✘ only $sets hook sets left records, of $((machines * 3 + 1))"
	fi
	while read -r kind; do
		kinds=$((kinds + 1))
		sums=$(find "$folder" -type f -name "$kind" -exec sha256sum {} + | awk '{print $1}' | sort -u | wc -l)
		if [[ $sums != 1 ]]; then
			differing=$((differing + 1))
			echo "✘ $kind is not the same everywhere:"
			find "$folder" -type f -name "$kind" -exec sha256sum {} + | sort | sed "s|$folder/||; s|^\(.\{12\}\)[^ ]*|  \1|"
			find "$folder" -type f -name "$kind" -exec cat {} + | sort | uniq -c | cut -c1-300
		fi
	done < <(find "$folder" -type f ! -name '.*' -printf '%f\n' | sort -u)
	passed=$((passed + kinds - differing))
	failed=$((failed + differing))
	summary+=("same records: $((kinds - differing)) of $kinds kinds are alike in $sets hook sets of $((machines + 1)) kernels")
}

# The last lines; exits 1 when anything failed.
summarize() {
	echo
	echo "== summary"
	printf '%s\n' "${summary[@]}"
	echo "$passed passed, $failed failed"
	((failed == 0))
}
