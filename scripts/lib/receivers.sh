# shellcheck shell=bash
# Real receivers of Debian's, unpacked into the cache and never installed: start_NAME starts one, sets $url and defines
# arrived(), which prints the ids of what has arrived. Sourced; $work is the folder of the run, what a receiver keeps is in
# $work/daemon.

debian=(rsyslog rsyslog-tls syslog-ng syslog-ng-tls nginx nginx-tls nginx-bulk)

# Where receivers listen, and with which of the certificates; a port that is set is taken again.
address=127.0.0.1
port=
certificate=server
# What runs a receiver, and who connects to it: a network namespace each.
inside=()
beside=()

# shellcheck disable=SC2034 # peers_fetch reads it
peer_headers=()

# The ids of records, one on a line.
ids() { LC_ALL=C grep -ho '"id":"[0-9a-f]\{16\}-[0-9a-z]*-[0-9a-z-]*"' "$@" | cut -d '"' -f 4; }

# A port that nobody has.
free_port() { python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# Waits until somebody listens there.
listens() { # PORT
	local try
	for ((try = 0; try < 600; try++)); do
		if ${beside[@]+"${beside[@]}"} bash -c "exec 3<>/dev/tcp/$address/$1" 2>/dev/null; then return 0; fi
		if ! kill -0 "$daemon" 2>/dev/null; then return 1; fi
		sleep 0.1
	done
	return 1
}

# Ends a process that was started here, if there is one.
end() { # PID
	if [[ -z $1 ]]; then return; fi
	kill "$1" 2>/dev/null
	wait "$1" 2>/dev/null
}

# Adds options to $url.
also() { # OPTIONS
	if [[ $url == *#* ]]; then url+="&$1"; else url+="#$1"; fi
}

stop() {
	end "$daemon"
	daemon=
}

# Prints the folder where Debian packages are unpacked with what they need.
fetch() { # PACKAGE...
	# shellcheck disable=SC2034 # peers_fetch reads it
	(peer_packages=("$@") && peers_fetch)
}

# In $work/tls: an authority and a stranger; servers, one of them expired, one for another name, one of the stranger's; and
# clients, one of them the stranger's. Sets $tls, what a destination says of them.
certificates() {
	tls="#ca=$work/tls/authority.pem&certificate=$work/tls/client.pem&key=$work/tls/client.key"
	if [[ -e $work/tls ]]; then return; fi
	mkdir "$work/tls"
	(
		cd "$work/tls" || exit 1
		for name in authority stranger; do
			openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$name" \
				-keyout "$name.key" -out "$name.pem"
		done
		issue server authority IP:127.0.0.1,IP:192.168.77.2 2
		issue expired authority IP:127.0.0.1 -1
		issue other authority DNS:elsewhere.example 2
		issue strange stranger IP:127.0.0.1 2
		issue client authority DNS:client 2
		issue strange-client stranger DNS:client 2
	) >"$work/openssl" 2>&1
}

issue() { # NAME AUTHORITY ALTERNATIVES DAYS
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -keyout "$1.key" -out "$1.csr"
	openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days "$4" \
		-extfile <(echo "subjectAltName=$3") -out "$1.pem"
}

start_rsyslog() { rsyslog syslog+tcp "" ""; }

start_rsyslog_tls() {
	certificates
	rsyslog syslog+tls "$tls" 'StreamDriver.Name="ossl" StreamDriver.Mode="1" StreamDriver.AuthMode="x509/certvalid"'
}

rsyslog() { # SCHEME OPTIONS DRIVER
	local root libraries
	root=$(fetch rsyslog rsyslog-openssl) || return 1
	libraries=$root/usr/lib/x86_64-linux-gnu
	port=${port:-$(free_port)}
	cat >"$work/daemon/conf" <<-CONF
		global(workDirectory="$work/daemon" maxMessageSize="128k" parser.escapeControlCharactersOnReceive="off"
		       defaultNetstreamDriverCAFile="$work/tls/authority.pem"
		       defaultNetstreamDriverCertFile="$work/tls/$certificate.pem"
		       defaultNetstreamDriverKeyFile="$work/tls/$certificate.key")
		module(load="imtcp" $3)
		template(name="line" type="string" string="%msg%\n")
		ruleset(name="copy") { action(type="omfile" file="$work/daemon/output" template="line") }
		input(type="imtcp" port="$port" address="$address" ruleset="copy")
	CONF
	${inside[@]+"${inside[@]}"} env LD_LIBRARY_PATH="$libraries" "$root/usr/sbin/rsyslogd" -n -f "$work/daemon/conf" -M "$libraries/rsyslog" \
		-i "$work/daemon/pid" >"$work/daemon/log" 2>&1 &
	daemon=$!
	listens "$port" || return 1
	url=$1://$address:$port$2
	arrived() { ids "$work/daemon/output"; }
}

start_syslog_ng() { syslog_ng syslog+tcp "" 'transport("tcp")'; }

start_syslog_ng_tls() {
	certificates
	syslog_ng syslog+tls "$tls" "transport(\"tls\") tls(key-file(\"$work/tls/$certificate.key\") \
		cert-file(\"$work/tls/$certificate.pem\") ca-file(\"$work/tls/authority.pem\") peer-verify(required-trusted))"
}

syslog_ng() { # SCHEME OPTIONS TRANSPORT
	local root libraries
	root=$(fetch syslog-ng-core) || return 1
	libraries=$root/usr/lib
	port=${port:-$(free_port)}
	cat >"$work/daemon/conf" <<-CONF
		@version: 3.35
		options { log-msg-size(131072); };
		source s { syslog(ip($address) port($port) $3 log-msg-size(131072)); };
		destination copy { file("$work/daemon/output" template("\$MSG\n")); };
		log { source(s); destination(copy); flags(flow-control); };
	CONF
	${inside[@]+"${inside[@]}"} env LD_LIBRARY_PATH="$libraries/x86_64-linux-gnu:$libraries/syslog-ng" "$root/usr/sbin/syslog-ng" -F --no-caps \
		--module-path "$(echo "$libraries"/syslog-ng/[0-9]*)" -f "$work/daemon/conf" \
		--persist-file "$work/daemon/persist" --pidfile "$work/daemon/pid" --control "$work/daemon/control" \
		>"$work/daemon/log" 2>&1 &
	daemon=$!
	listens "$port" || return 1
	url=$1://$address:$port$2
	arrived() { ids "$work/daemon/output"; }
}

start_nginx() { nginx http / ""; }

start_nginx_tls() {
	certificates
	nginx https / "$tls"
}

start_nginx_bulk() {
	certificates
	nginx elasticsearch+https "" "$tls"
}

# What is posted is in a file of its own before it is answered; of `_bulk` it is counted, too.
nginx() { # SCHEME PATH OPTIONS
	local root libraries encryption=""
	root=$(fetch nginx libnginx-mod-http-lua) || return 1
	libraries=$root/usr/lib/x86_64-linux-gnu
	port=${port:-$(free_port)}
	if [[ $1 == *https ]]; then
		encryption="ssl_certificate $work/tls/$certificate.pem; ssl_certificate_key $work/tls/$certificate.key;
			ssl_client_certificate $work/tls/authority.pem; ssl_verify_client on;"
	fi
	mkdir -p "$work"/daemon/{bodies,other}
	cat >"$work/daemon/conf" <<-CONF
		daemon off;
		master_process off;
		user $(id -un);
		pid $work/daemon/pid;
		error_log stderr;
		load_module $root/usr/lib/nginx/modules/ndk_http_module.so;
		load_module $root/usr/lib/nginx/modules/ngx_http_lua_module.so;
		events {}
		http {
			access_log off;
			client_max_body_size 64m;
			client_body_in_file_only on;
			client_body_temp_path $work/daemon/bodies;
			proxy_temp_path $work/daemon/other;
			fastcgi_temp_path $work/daemon/other;
			uwsgi_temp_path $work/daemon/other;
			scgi_temp_path $work/daemon/other;
			keepalive_requests 1000000;
			lua_package_path "$root/usr/share/lua/5.1/?.lua;;";
			init_by_lua_block { receiver = dofile("$PWD/scripts/lib/receiver.lua") }
			server {
				listen $address:$port ${encryption:+ssl};
				$encryption
				location / {
					content_by_lua_block { receiver() }
				}
			}
		}
	CONF
	${inside[@]+"${inside[@]}"} env LD_LIBRARY_PATH="$libraries" "$root/usr/sbin/nginx" -e stderr -c "$work/daemon/conf" >"$work/daemon/log" 2>&1 &
	daemon=$!
	listens "$port" || return 1
	url=$1://$address:$port$2$3
	arrived() { find "$work/daemon/bodies" -name '*.kept' -print0 | xargs -0 -r cat | zcat | ids; }
}
