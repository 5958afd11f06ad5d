# shellcheck shell=bash disable=SC2154,SC2034
# Receivers for scripts/test-receivers that are large Python wheels; as those of receivers.sh. Sourced.

large=(osmem tenzir-bulk tenzir-hec tenzir-otlp clickhouse otlp)

# The most records that a receiver gets that would take hours for a million.
declare -A most=([osmem]=10000 [tenzir-otlp]=10000)

# The same ids of what Fluent Bit makes of OTLP's attributes.
uids() { LC_ALL=C grep -o '"log.record.uid":"[^"]*"' "$@" | cut -d '"' -f 4; }

start_osmem() {
	local python
	python=$(python_with osmem-server) || return 1
	port=$(free_port)
	"$("$python" -c 'import osmem_server, pathlib; print(pathlib.Path(osmem_server.__file__).parent)')/bin/osmem-server" \
		-addr "127.0.0.1:$port" -no-stdin-watch >"$work/daemon/log" 2>&1 &
	daemon=$!
	listens "$port" || return 1
	url=elasticsearch+http://127.0.0.1:$port#index=tattle
	# Each id is asked for; how many there are tells of others.
	arrived() {
		curl -sS -X POST "http://127.0.0.1:$port/tattle/_refresh" >/dev/null
		split -l 10000 --filter "jq -R . | jq -sc '{ids: .}' | curl -sS -H 'Content-Type: application/json' --data-binary @- \
			'http://127.0.0.1:$port/tattle/_mget?_source=false' | jq -r '.docs[] | select(.found) | ._id'" "$work/wanted"
		local count
		count=$(curl -sS "http://127.0.0.1:$port/tattle/_count" | jq .count)
		if ((count > $(wc -l <"$work/wanted"))); then echo "$count documents"; fi
	}
}

start_tenzir_bulk() { tenzir "elasticsearch+http://127.0.0.1:PORT" 'accept_opensearch "127.0.0.1:PORT"' event.id; }

start_tenzir_hec() {
	echo t0k3n >"$work/daemon/token"
	tenzir "splunk+http://127.0.0.1:PORT#token-file=$work/daemon/token" \
		'accept_splunk "127.0.0.1:PORT", hec_token="t0k3n"' event.event.id
}

start_tenzir_otlp() {
	tenzir "otlp+http://127.0.0.1:PORT" \
		'from_fluent_bit "opentelemetry", options={listen: "127.0.0.1", port: PORT}' "" || return 1
	arrived() { uids "$work/daemon/output"; }
}

# It takes what it cannot keep up with into its memory before it answers late: 300 s.
tenzir() { # URL INPUT ID
	local python port select=""
	python=$(python_with tenzir) || return 1
	port=$(free_port)
	if [[ -n $3 ]]; then select="select id = $3"; fi
	"$(dirname "$python")/tenzir" "${2//PORT/$port}
		$select
		to_stdout { write_ndjson }" >"$work/daemon/output" 2>"$work/daemon/log" &
	daemon=$!
	listens "$port" || return 1
	url=${1//PORT/$port}
	also timeout=300s
	arrived() { ids "$work/daemon/output"; }
}

front() { # KIND PLACE PACKAGE
	local python
	python=$(python_with "$3") || return 1
	port=$(free_port)
	"$python" scripts/lib/receivers.py "$1" "$port" "$2" >"$work/daemon/log" 2>&1 &
	daemon=$!
	listens "$port"
}

start_clickhouse() {
	front clickhouse "$work/daemon/data" chdb-core || return 1
	"$ship" template clickhouse >"$work/daemon/table" || return 1
	curl -sS --fail-with-body "http://127.0.0.1:$port/" --url-query "query@$work/daemon/table" || return 1
	url=clickhouse+http://127.0.0.1:$port#fields=site=berlin
	arrived() {
		curl -sS "http://127.0.0.1:$port/" --url-query "query=SELECT event.id FROM tattle WHERE labels['site'] = 'berlin'"
	}
}

start_otlp() {
	front otlp "$work/daemon/output" opentelemetry-proto || return 1
	url=otlp+http://127.0.0.1:$port
	arrived() { ids "$work/daemon/output"; }
}
