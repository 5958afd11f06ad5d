# shellcheck shell=bash
# What came of the tests of a script, told as Swift Testing tells it, so that scripts/lib/summary.sh counts it. Sourced.

outcomes_passed=0
outcomes_failed=0
outcomes_skipped=0

passed() { # NAME
	outcomes_passed=$((outcomes_passed + 1))
	echo "✔ Test \"$1\" passed after $SECONDS seconds."
}

failed() { # NAME
	outcomes_failed=$((outcomes_failed + 1))
	echo "✘ Test \"$1\" failed after $SECONDS seconds with 1 issue."
}

skipped() { # NAME REASON
	outcomes_skipped=$((outcomes_skipped + 1))
	echo "➜ Test \"$1\" skipped: \"$2\""
}

# The closing line; false: something failed.
told() {
	local tests=$((outcomes_passed + outcomes_failed + outcomes_skipped))
	if ((outcomes_failed)); then
		echo "✘ Test run with $tests tests in 1 suite failed after $SECONDS seconds with $outcomes_failed issues."
		return 1
	fi
	echo "✔ Test run with $tests tests in 1 suite passed after $SECONDS seconds."
}
