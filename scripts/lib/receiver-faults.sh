# shellcheck shell=bash disable=SC2154
# Faults of real receivers amid a delivery, for scripts/test-receivers: no record is lost, what is in the way is said once and
# with what to do, nothing is busy meanwhile. Sourced.

faults=(
	killed:rsyslog killed:syslog-ng killed:rsyslog-tls killed:syslog-ng-tls killed:nginx-tls killed:nginx-bulk
	certificates:rsyslog-tls certificates:syslog-ng-tls certificates:nginx-tls
	cut:rsyslog-tls cut:syslog-ng-tls cut:nginx-tls
	sixteen:rsyslog-tls sixteen:nginx-tls
)

# Why a test cannot be run here; false: it can.
unsupported() { # NAME
	if [[ $1 == cut:* && $(id -u) != 0 ]]; then
		echo "only root makes network namespaces"
		return 0
	fi
	return 1
}

# How many records a fault's delivery has.
fault_log() {
	count=$((records < 200000 ? records : 200000))
	make_log "$count"
}

# Starts tattle-ship beside this; what runs it stands before.
ship_begin() { # URL [COMMAND...]
	"${@:2}" "$ship" --from "$work/log" --state "$work/state" --to "$1" --once >"$work/ship.log" 2>&1 &
	shipping=$!
}

# Waits until all is delivered.
ship_end() {
	wait "$shipping"
	local status=$?
	shipping=
	if ((status == 0)); then return 0; fi
	echo "tattle-ship ended with exit status $status"
	head -n 5 "$work/ship.log"
	return 1
}

end_faults() {
	end "$shipping"
	shipping=
	if [[ -e $work/namespaces ]]; then
		ip netns del "$near" 2>/dev/null
		ip netns del "$far" 2>/dev/null
		rm "$work/namespaces"
	fi
	address=127.0.0.1
	certificate=server
	inside=()
	beside=()
}

# Waits until that much has arrived, or tattle-ship has ended.
until_arrived() { # SHARE OF
	local size
	while kill -0 "$shipping" 2>/dev/null; do
		size=$(arrived_bytes)
		if ((size >= log_bytes * $1 / $2)); then return 0; fi
		sleep 0.05
	done
}

# What has arrived, about, as bytes of the log.
arrived_bytes() {
	if [[ -d $work/daemon/bodies ]]; then
		echo $(($(du -sb "$work/daemon/bodies" 2>/dev/null | cut -f 1) * ratio))
	else
		stat -c %s "$work/daemon/output" 2>/dev/null || echo 0
	fi
}

# The receiver is killed three times amid the delivery, and started again.
fault_killed() { # RECEIVER
	local time
	fault_log
	begin "$1" || return 1
	log_bytes=$(cat "$work"/log/* | wc -c)
	ratio=$((log_bytes / $(gzip -1 -c "$work"/log/* | wc -c)))
	# Small batches where each is answered: it takes long enough to be killed amid it.
	if [[ $1 == nginx* ]]; then also batch-records=200; fi
	ship_begin "$url"
	for time in 1 2 3; do
		until_arrived "$time" 5
		kill -KILL "$daemon"
		wait "$daemon" 2>/dev/null
		rm -f "$work/daemon/pid"
		"start_${1//-/_}" || return 1
	done
	ship_end && check && recovered || return 1
	echo "$1 was killed 3 times amid $count records: none is missing, $twice came more than once"
}

# What was in the way was said, and that it is over.
recovered() {
	if grep -q 'tried again until it goes$' "$work/ship.log" && grep -q 'delivered again after' "$work/ship.log"; then
		return 0
	fi
	echo "it was not said what was in the way, and that it is over:"
	head -n 5 "$work/ship.log"
	return 1
}

# Sixteen destinations at once, as many as there may be: each gets everything, and the memory is bounded.
fault_sixteen() { # RECEIVER
	local number kilobytes
	local -a to=()
	count=$((records < 20000 ? records : 20000))
	make_log "$count"
	begin "$1" || return 1
	also ""
	for number in {1..16}; do to+=(--to "$url&name=$number"); done
	if ! /usr/bin/time -f %M -o "$work/time" "$ship" --from "$work/log" --state "$work/state" "${to[@]}" --once \
		>"$work/ship.log" 2>&1; then
		head -n 5 "$work/ship.log"
		return 1
	fi
	kilobytes=$(tail -n 1 "$work/time")
	check || return 1
	echo "$1: sixteen destinations, $count records each: $(wc -l <"$work/got") arrived, $((kilobytes / 1024)) MB at most"
	((kilobytes < 100 * 1024 && $(wc -l <"$work/got") == 16 * count))
}

# A certificate of the server, or of the client, is wrong: nothing is sent, somebody is told what to do; then it is put right.
fault_certificates() { # RECEIVER
	local kept=$records wrong own says fixed
	records=20000
	fault_log
	records=$kept
	while read -r wrong own says; do
		certificates
		fixed=$tls
		certificate=$wrong
		begin "$1" || return 1
		certificate=server
		own=${own//DIR/$work/tls}
		ship_begin "${url%%#*}#ca=$work/tls/authority.pem$own"
		if ! says_once "$says"; then
			echo "with a server's certificate '$wrong', and the client's '$own'"
			return 1
		fi
		if [[ $wrong != server ]]; then
			stop
			"start_${1//-/_}" || return 1
		fi
		# It comes by itself, after up to half a minute; or at once when it is started again, which reads its own files anew.
		if [[ $wrong != expired ]]; then
			kill "$shipping"
			ship_end || return 1
			ship_begin "${url%%#*}$fixed"
		fi
		ship_end && check || return 1
		if ((twice > 0)); then
			echo "$twice came more than once"
			return 1
		fi
	done <<-'CASES'
		expired &certificate=DIR/client.pem&key=DIR/client.key is.not.valid
		other &certificate=DIR/client.pem&key=DIR/client.key is.for.another.name
		strange &certificate=DIR/client.pem&key=DIR/client.key is.not.valid
		server &certificate=DIR/strange-client.pem&key=DIR/strange-client.key certificate\|trust
		server & certificate
	CASES
	echo "$1: three wrong certificates of its own and two of the client's; then each of $count records arrived once"
}

# Waits until it is said what is in the way; then it has to be quiet, and nothing may have arrived.
says_once() { # PATTERN
	local try before after lines
	for ((try = 0; try < 600; try++)); do
		if grep -q "$1.*tried again until it goes$" "$work/ship.log" || ! kill -0 "$shipping"; then break; fi
		sleep 0.1
	done
	before=$(ticks)
	sleep 3
	after=$(ticks)
	lines=$(wc -l <"$work/ship.log")
	if grep -q "$1" "$work/ship.log" && ((lines == 1 && after - before < 100)) && [[ -z $(arrived 2>/dev/null) ]]; then
		return 0
	fi
	echo "in three seconds of waiting it used $((after - before)) hundredths, and it said:"
	head -n 5 "$work/ship.log"
	return 1
}

# Hundredths of a second of a processor that tattle-ship has used.
ticks() {
	local -a fields
	read -r -a fields <"/proc/$shipping/stat"
	echo $((fields[13] + fields[14]))
}

# The network is cut amid the delivery: for so short that no connection notices, and until one is given up.
fault_cut() { # RECEIVER
	local before after
	fault_log
	log_bytes=$(cat "$work"/log/* | wc -c)
	ratio=$((log_bytes / $(gzip -1 -c "$work"/log/* | wc -c)))
	namespaces || return 1
	begin "$1" || return 1
	also "timeout=4s&connect-timeout=2s"
	ship_begin "$url" ip netns exec "$near"
	until_arrived 1 4
	ip -n "$far" link set to-near down
	sleep 1
	ip -n "$far" link set to-near up
	until_arrived 2 4
	ip -n "$far" link set to-near down
	before=$(ticks)
	sleep 12
	after=$(ticks)
	ip -n "$far" link set to-near up
	ship_end && check && recovered || return 1
	if ((after - before >= 300)); then
		echo "in twelve seconds without a network it used $((after - before)) hundredths of a second of a processor"
		return 1
	fi
	echo "$1: the network was cut twice amid $count records: none is missing, $twice came more than once"
}

# Two machines with a wire between them. What is started `inside` is on the far one.
namespaces() {
	near=tattle-near-$$
	far=tattle-far-$$
	touch "$work/namespaces"
	ip netns add "$near" && ip netns add "$far" || return 1
	ip -n "$near" link add to-far type veth peer name to-near netns "$far" || return 1
	ip -n "$near" addr add 192.168.77.1/24 dev to-far
	ip -n "$far" addr add 192.168.77.2/24 dev to-near
	ip -n "$near" link set to-far up
	ip -n "$far" link set to-near up
	address=192.168.77.2
	inside=(ip netns exec "$far")
	beside=(ip netns exec "$near")
}
