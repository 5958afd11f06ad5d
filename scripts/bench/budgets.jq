# The budgets of issue 5, each with what the parts of the benchmark measured.
def thousands: tostring | [while(length > 0; .[:-3]) | .[-3:]] | reverse | join(",");
def megabytes: . * 1024 / 1e6;
def tenths: . * 10 | round / 10;

(($instructions | map(select(.tool == "tattle-trampoline" and .kind) | {key: .kind, value: .}) | from_entries)) as $of
| def instructions($what; $kinds; $most; value; $sign):
	[$kinds[] | $of[.] // empty | value] as $values
	| {what: $what, budget: "≤ \($sign)\($most | thousands) instructions",
		measured: (if $values | length > 0 then $values | map($sign + (round | thousands)) | join("; ") else null end),
		kept: ($values | all(. <= $most))};
(first($consumer[] | select(.work == "attempts" and .processes == 100 and .allocations == null)) // null) as $consumed
| (first($consumer[] | select(.work == "attempts" and .allocations != null)) // null) as $counted
| (first($memory[] | select(.case == "idle")) // null) as $idle
| [$memory[] | select(.kind == "processes" and .count == 50000)] as $many
| (first($instructions[] | select(.idle)) // null) as $quiet
| [$flood[] | select(.tool == "tattle" and .made)] as $made
| [$flood[] | select(.tool == "tattle" and .recorded)] as $recorded
# A refused connect over loopback is what DESIGN.md's anchors were counted of; a connection that is established and closed
# makes two records.
| instructions("TCP attempt + outcome (refused), all fields, BPF only, 6.1, trampoline"; ["tcp_refused"]; 2500; .bpf_own; ""),
instructions("the same, end to end with NDJSON to a file"; ["tcp_refused"]; 12000; .added // 0; "+"),
({what: "a connection that is established and closed over loopback, two records: BPF only; end to end", budget: "–"}
	+ ($of.tcp_established // null | if . then {measured: "\(.bpf_own | round | thousands); +\(.added // 0 | round | thousands) instructions"} else {} end)),
instructions("further datagram of a known UDP flow"; ["udp_further"]; 350; .bpf_own; ""),
instructions("first datagram"; ["udp_first"]; 1500; .bpf_own; ""),
instructions("exec + fork + exit, BPF only"; ["exec_only"]; 15000; .bpf_own; ""),
({what: "ring → NDJSON bytes, one core", budget: "≥ 1,000,000 records/s"}
	+ if $consumed then ($consumed.records / $consumed.main_ns * 1e9) as $rate
		| {measured: "\($rate | round | thousands) records/s", kept: ($rate >= 1e6)} else {} end),
({what: "allocations per record in the steady state", budget: "0"}
	+ if $counted then ($counted.allocations / $counted.records) as $each
		| {measured: "\($each * 1000 | round / 1000)", kept: ($each < 0.001)} else {} end),
({what: "resident memory, idle", budget: "≤ 25 MB"}
	+ if $idle then ($idle.rss_kib | megabytes) as $size | {measured: "\($size | tenths) MB", kept: ($size <= 25)} else {} end),
({what: "resident memory, 50,000 processes", budget: "≤ 40 MB"}
	+ if $many | length > 0 then ([$many[].rss_kib] | max | megabytes) as $size
		| {measured: "\($size | tenths) MB", kept: ($size <= 40)} else {} end),
# A heartbeat wakes two threads: the one that makes it and the one that writes it.
({what: "nothing happening", budget: "no wake-ups but the heartbeat"}
	+ if $quiet then {measured: "\($quiet.idle.wakeups) in \($quiet.idle.seconds) s, two heartbeats of two threads", kept: ($quiet.idle.wakeups <= 4)} else {} end),
({what: "lost at the most this machine can make, default ring", budget: "0, or accounted to the last one"}
	+ if $recorded | length > 0 then ([$made[].made] | add) as $all | ([$recorded[].recorded] | add) as $there | ([$recorded[].told_lost] | add) as $told
		| {measured: "\($all | thousands) made, \($there | thousands) recorded, \($told | thousands) told as lost", kept: ($all == $there + $told)} else {} end)
