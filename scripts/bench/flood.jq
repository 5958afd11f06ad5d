# The lines of flood.json as Markdown.
def row: "| " + join(" | ") + " |";
def rule: "|" + (map("---") | join("|")) + "|";
def microseconds: if . == null then "–" else . / 1000 | if . < 10 then . * 100 | round / 100 else round end | tostring end;
def ratio($other): if $other == null or $other == 0 then "" else " (×\(. / $other * 100 | round / 100))" end;
def thousands: tostring | [while(length > 0; .[:-3]) | .[-3:]] | reverse | join(",");
def percent($whole): if $whole == 0 then "–" else . * 10000 / $whole | round / 100 | tostring + " %" end;

. as $lines
| ($lines | map(select(.rate != null))) as $measured
| "\($on), hook set `tracepoint` or what this kernel allows; \($measured | map(.seconds) | min | . * 10 | round / 10) s at each rate.",
(("connects", "datagrams") as $kind
| ($measured | map(select(.kind == $kind))) as $of
| select($of | length > 0)
| "",
"\(if $kind == "connects" then "TCP connects that are refused" else "First datagrams of new sockets" end):",
"",
(["tracer", "wanted a second", "made", "application, µs each (× untraced)", "tracer, µs each (× tattle)", "resident, MB"] | row, rule),
($of[] | . as $line
| ($of[] | select(.tool == "none" and .rate == $line.rate)) as $untraced
| (first($of[] | select(.tool == "tattle" and .rate == $line.rate)) // {}) as $tattle
| [if .tool == "none" then "nobody" else .tool end, if .rate == 0 then "the most" else .rate | thousands end,
	(.made / .seconds | round | thousands) + (if .tool == "none" then "" else .made / .seconds | ratio($untraced.made / $untraced.seconds) end),
	(.application_ns | microseconds) + (if .tool == "none" then "" else .application_ns | ratio($untraced.application_ns) end),
	if .tool == "none" then "–" else (.tracer_ns | microseconds) + (.tracer_ns | ratio($tattle.tracer_ns)) end,
	if .tool == "none" then "–" else .tracer_kib * 1024 / 1e6 * 10 | round / 10 | tostring end] | row),
"",
(["tracer", "made", "recorded", "lost", "of which it says so itself"] | row, rule),
($lines[] | select(.kind == $kind and .recorded != null) | . as $sum
| ([$of[] | select(.tool == $sum.tool).made] | add) as $made
| [.tool, ($made | thousands), (.recorded | thousands), ($made - .recorded | percent($made)), (.told_lost | thousands)] | row)),
($lines | map(select(.skipped)) | group_by(.tool) | map("`\(.[0].tool)` (\(.[0].skipped))")
| if length == 0 then empty else "", "Did not run here: " + join(", ") + "." end)
