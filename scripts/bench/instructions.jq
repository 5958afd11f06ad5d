# What instructions-inside printed, as a line for each tool and kind: programs by their names, and what is spent
# while nothing is attempted taken off what the tracer spends. `bpf` is as the kernel's statistic says it, `bpf_own` without
# what it says of a program that does nothing, for each run.
def in_order: reduce .[] as $line ({tool: null, out: []};
	if $line.tool then .tool = $line.tool | .out += [$line] else .out += [$line + {tool: .tool}] end) | .out;

in_order as $lines
| ($lines | map(select(.names)) | map({key: .tool, value: (.names | map({key: (.id | tostring), value: .name}) | from_entries)}) | from_entries) as $names
| ($lines | map(select(.kernel))[0].kernel) as $kernel
# What each program is attached to; kprobes and cgroup hooks are run as raw tracepoints are.
| ($lines | map(select(.links)) | map({key: .tool, value: (.links | map(select(.prog_id) | {key: (.prog_id | tostring), value: (.attach_type // "" | tostring)}) | from_entries)}) | from_entries) as $places
| ($lines | map(select(.tool == "empty" and .kind) | .programs[]) | group_by(.id) | map({
	key: ($names.empty[.[0].id | tostring] // ""), value: ((map(.instructions) | add) / (map(.runs) | add))}) | from_entries) as $empty
# A tool that failed on the way did not measure anything.
| ($lines | map(select(.failed).tool)) as $failed
| ($lines | map(select(.kind == "nothing")) | map({key: .tool, value: .}) | from_entries) as $idle
| def statistic($tool): ($places[$tool][.id | tostring] // "") as $place
	| $empty[if $place == "trace_fentry" then "empty_fentry" elif $place == "trace_fexit" then "empty_fexit" else "empty_raw_tp" end] // 0;
def own($tool): map(.instructions - .runs * statistic($tool)) | add // 0 | round;
def named($tool): {name: ($names[$tool][.id | tostring] // "program \(.id)"), instructions, runs};
def less($line; field): (($line | field) - ($idle[$line.tool] | field * .count) / $line.count) | round;
def spent: . as $line | {application: .application, machine: less($line; .machine)};
($lines | map(select(.kind and .tool == "none")) | map({key: .kind, value: spent}) | from_entries) as $untraced
| $lines[]
| if .failed then {kernel: $kernel, cpu: $cpu, commit: $commit, tool, failed}
  elif .kind == "idle" then {kernel: $kernel, cpu: $cpu, commit: $commit, tool, idle: {seconds, wakeups, instructions: .tracer}}
  elif .kind == null or .kind == "nothing" or (.tool | IN($failed[])) then empty
  else . as $line | {
	kernel: $kernel, cpu: $cpu, commit: $commit, tool, kind, count,
	bpf: ([.programs[].instructions] | add // 0 | round),
	bpf_batched: (if .programs_batched then [.programs_batched[].instructions] | add // 0 | round else null end),
	bpf_own: (.programs | own($line.tool)),
	bpf_own_batched: (if .programs_batched then .programs_batched | own($line.tool) else null end),
	untraced: $untraced[.kind],
	traced: spent,
	added: (($untraced[.kind].machine // null) as $before | if $before then spent.machine - $before else null end),
	tracer: less($line; .tracer),
	tracer_batched: less($line; .tracer_batched),
	programs: (.programs | map(named($line.tool))),
	programs_batched: (.programs_batched // [] | map(named($line.tool)))
  } end
