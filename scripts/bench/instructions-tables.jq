# The lines of instructions.json of one kernel as Markdown.
def kinds: ["tcp_refused", "tcp_established", "udp_first", "udp_once", "udp_further", "tcp_offline", "unix_message", "tcp_message", "exec_only", "exec_connect"];
def row: "| " + join(" | ") + " |";
def rule: "|" + (map("---") | join("|")) + "|";
def head($first): ([$first, "TCP refused", "TCP established, closed", "first datagram", "first datagram, closed", "further datagram", "TCP offline",
	"message between processes", "message on a connection", "fork, exec, exit", "the same with a TCP refused"] | row, rule);
def whole: round | tostring;
def signed: round | if . < 0 then "−\(0 - .)" else "+\(.)" end;

. as $lines
| (map(select(.kind))) as $measured
| ($measured | map({key: "\(.tool) \(.kind)", value: .}) | from_entries) as $of
| ([$measured[].tool] | reduce .[] as $tool ([]; if index([$tool]) then . else . + [$tool] end)) as $tools
| ($tools - ["none", "empty"]) as $tracers
| "Linux \($measured[0].kernel), \($measured[0].cpu); commit \($measured[0].commit); \([$measured[].count] | max) attempts of a kind, \([$measured[].count] | min) with a fork.",
"",
"In BPF programs, an attempt, without what the statistic itself takes for each run (and when the tracer need not be woken for each):",
"",
head("tool"),
($tracers[] | . as $tool | [$tool] + [kinds[] | $of["\($tool) \(.)"] // null | if . then (.bpf_own | whole) + (if .bpf_own_batched then " (\(.bpf_own_batched))" else "" end) else "–" end] | row),
(if $measured[0].kernel | startswith("6.1.") then ["budget for tattle-trampoline", "≤ 2500", "–", "≤ 1500", "–", "≤ 350", "–", "–", "–", "≤ 15000", "–"] | row else empty end),
"",
"With it, and runs of programs:",
"",
head("tool"),
($tracers[] | . as $tool | [$tool] + [kinds[] | $of["\($tool) \(.)"] // null | if . then (.bpf | whole) + " ×\([.programs[].runs] | add // 0 | . * 100 | round / 100)" else "–" end] | row),
"",
"End to end, an attempt: what the whole machine runs more than untraced (of which in the tracer\u0027s own threads; these when it finds all attempts at once):",
"",
head("tool"),
(["nobody: the whole machine"] + [kinds[] | $of["none \(.)"] // null | if . then .traced.machine | whole else "–" end] | row),
($tracers[] | . as $tool | [$tool] + [kinds[] | $of["\($tool) \(.)"] // null
	| if . then "\(.added // 0 | signed) (\([0, .tracer] | max | whole); \([0, .tracer_batched] | max | whole))" else "–" end] | row),
(if $measured[0].kernel | startswith("6.1.") then ["budget for tattle-trampoline", "≤ +12000", "–", "–", "–", "–", "–", "–", "–", "–", "–"] | row else empty end),
(["tattle-trampoline", "tattle-kprobe", "tattle-tracepoint"][] | . as $tool | select($tracers | index([$tool]))
| ($measured | map(select(.tool == $tool))) as $own
| ("programs", "programs_batched") as $which
| select([$own[][$which] // [] | .[]] | length > 0)
| "",
"`\($tool)`, program by program\(if $which == "programs" then "" else ", when it need not be woken" end) (× runs, where not once):",
"",
head("program"),
([$own[][$which][].name] | unique[] | . as $program | [$program] + [kinds[] | . as $kind
	| [$own[] | select(.kind == $kind)[$which][] | select(.name == $program)]
	| if length == 0 then "" else (map(.instructions) | add | whole) + (map(.runs) | add | if . == 1 then "" else " ×\(. * 100 | round / 100)" end) end] | row)),
($measured | map(select(.tool == "empty"))
| if length == 0 then empty else "",
	"The statistic itself, of a program that does nothing, a run: " + ([.[].programs[] | select(.runs > 0)] | group_by(.name)
		| map("`\(.[0].name)` \((map(.instructions) | add) / (map(.runs) | add) | round)") | join(", ")) + "." end),
($lines | map(select(.idle)) | if length == 0 then empty else "", "Nothing happening: " + (map("`\(.tool)` was woken \(.idle.wakeups) times in \(.idle.seconds) s, two heartbeats, and took \(.idle.instructions) instructions") | join("; ")) + "." end),
($lines | map(select(.failed).tool) | if length == 0 then empty else "", "Did not run here: " + join(", ") + "." end)
