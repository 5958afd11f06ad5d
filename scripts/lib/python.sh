# shellcheck shell=bash
# Python packages for tests, in an environment below .build: none of the machine's is touched.

# Prints the path of a python that has the packages. Quick and silent when it has them already.
python_with() { # PACKAGE...
	local folder=.build/python package
	local -a missing=()
	if [[ ! -x $folder/bin/python ]]; then python3 -m venv "$folder" >&2; fi
	for package in "$@"; do
		[[ -e $folder/has-$package ]] || missing+=("$package")
	done
	if ((${#missing[@]})); then
		echo "setup: python packages ${missing[*]}" >&2
		"$folder/bin/pip" install --quiet --disable-pip-version-check "${missing[@]}" >&2
		for package in "${missing[@]}"; do touch "$folder/has-$package"; done
	fi
	echo "$folder/bin/python"
}
