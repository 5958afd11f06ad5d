# shellcheck shell=bash
# Real receivers for scripts/test-receivers: start_NAME starts one, sets $url and defines arrived(), which prints the ids of
# what has arrived. Sourced; $work is the folder of the run.

receivers=(rsyslog rsyslog-tls syslog-ng syslog-ng-tls osmem tenzir-bulk tenzir-hec tenzir-otlp clickhouse otlp)

# The most records that a receiver gets that would take hours for a million.
declare -A most=([osmem]=10000 [otlp]=100000 [tenzir-bulk]=100000 [tenzir-hec]=100000 [tenzir-otlp]=10000)

# shellcheck disable=SC2034 # peers_fetch reads it
peer_headers=()

# The ids of records, one on a line.
ids() { LC_ALL=C grep -ho '"id":"[0-9a-f]\{16\}-[0-9a-z]*-[0-9a-z-]*"' "$@" | cut -d '"' -f 4; }

# The same of what Fluent Bit makes of OTLP's attributes.
uids() { LC_ALL=C grep -o '"log.record.uid":"[^"]*"' "$@" | cut -d '"' -f 4; }

# A port of loopback that nobody has.
free_port() { python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# Waits until somebody listens there.
listens() { # PORT
	local try
	for ((try = 0; try < 600; try++)); do
		if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then return 0; fi
		if ! kill -0 "$daemon" 2>/dev/null; then return 1; fi
		sleep 0.1
	done
	return 1
}

stop() {
	if [[ -n $daemon ]]; then
		kill "$daemon" 2>/dev/null
		wait "$daemon" 2>/dev/null
	fi
	daemon=
}

# Prints the folder where Debian packages are unpacked with what they need.
fetch() { # PACKAGE...
	# shellcheck disable=SC2034 # peers_fetch reads it
	(peer_packages=("$@") && peers_fetch)
}

# An authority, a server's certificate and a client's.
certificates() {
	local name
	(
		cd "$work/daemon" || exit 1
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=authority \
			-keyout authority.key -out authority.pem
		for name in server client; do
			openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$name" -keyout "$name.key" -out "$name.csr"
			openssl x509 -req -in "$name.csr" -CA authority.pem -CAkey authority.key -CAcreateserial -days 2 \
				-extfile <(echo subjectAltName=IP:127.0.0.1) -out "$name.pem"
		done
	) >"$work/daemon/openssl" 2>&1
	tls="#ca=$work/daemon/authority.pem&certificate=$work/daemon/client.pem&key=$work/daemon/client.key"
}

start_rsyslog() { rsyslog syslog+tcp "" ""; }

start_rsyslog_tls() {
	certificates
	rsyslog syslog+tls "$tls" 'StreamDriver.Name="ossl" StreamDriver.Mode="1" StreamDriver.AuthMode="x509/certvalid"'
}

rsyslog() { # SCHEME OPTIONS DRIVER
	local root libraries port
	root=$(fetch rsyslog rsyslog-openssl) || return 1
	libraries=$root/usr/lib/x86_64-linux-gnu
	port=$(free_port)
	cat >"$work/daemon/conf" <<-CONF
		global(workDirectory="$work/daemon" maxMessageSize="128k" parser.escapeControlCharactersOnReceive="off"
		       defaultNetstreamDriverCAFile="$work/daemon/authority.pem"
		       defaultNetstreamDriverCertFile="$work/daemon/server.pem"
		       defaultNetstreamDriverKeyFile="$work/daemon/server.key")
		module(load="imtcp" $3)
		template(name="line" type="string" string="%msg%\n")
		ruleset(name="copy") { action(type="omfile" file="$work/daemon/output" template="line") }
		input(type="imtcp" port="$port" address="127.0.0.1" ruleset="copy")
	CONF
	LD_LIBRARY_PATH=$libraries "$root/usr/sbin/rsyslogd" -n -f "$work/daemon/conf" -M "$libraries/rsyslog" \
		-i "$work/daemon/pid" >"$work/daemon/log" 2>&1 &
	daemon=$!
	listens "$port" || return 1
	url=$1://127.0.0.1:$port$2
	arrived() { ids "$work/daemon/output"; }
}

start_syslog_ng() { syslog_ng syslog+tcp "" 'transport("tcp")'; }

start_syslog_ng_tls() {
	certificates
	syslog_ng syslog+tls "$tls" "transport(\"tls\") tls(key-file(\"$work/daemon/server.key\") \
		cert-file(\"$work/daemon/server.pem\") ca-file(\"$work/daemon/authority.pem\") peer-verify(required-trusted))"
}

syslog_ng() { # SCHEME OPTIONS TRANSPORT
	local root libraries port
	root=$(fetch syslog-ng-core) || return 1
	libraries=$root/usr/lib
	port=$(free_port)
	cat >"$work/daemon/conf" <<-CONF
		@version: 3.35
		options { log-msg-size(131072); };
		source s { syslog(ip(127.0.0.1) port($port) $3 log-msg-size(131072)); };
		destination copy { file("$work/daemon/output" template("\$MSG\n")); };
		log { source(s); destination(copy); flags(flow-control); };
	CONF
	LD_LIBRARY_PATH=$libraries/x86_64-linux-gnu:$libraries/syslog-ng "$root/usr/sbin/syslog-ng" -F --no-caps \
		--module-path "$(echo "$libraries"/syslog-ng/[0-9]*)" -f "$work/daemon/conf" \
		--persist-file "$work/daemon/persist" --pidfile "$work/daemon/pid" --control "$work/daemon/control" \
		>"$work/daemon/log" 2>&1 &
	daemon=$!
	listens "$port" || return 1
	url=$1://127.0.0.1:$port$2
	arrived() { ids "$work/daemon/output"; }
}

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
	url=clickhouse+http://127.0.0.1:$port
	arrived() { curl -sS "http://127.0.0.1:$port/" --url-query "query=SELECT event.id FROM tattle"; }
}

start_otlp() {
	front otlp "$work/daemon/output" opentelemetry-proto || return 1
	url=otlp+http://127.0.0.1:$port
	arrived() { ids "$work/daemon/output"; }
}
