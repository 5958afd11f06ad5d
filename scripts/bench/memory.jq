# The lines of memory.json as Markdown.
def row: "| " + join(" | ") + " |";
def rule: "|" + (map("---") | join("|")) + "|";
def megabytes: . * 1024 / 1e5 | round / 10 | tostring;
def thousands: tostring | [while(length > 0; .[:-3]) | .[-3:]] | reverse | join(",");
def of_them: {processes: "processes", connections: "open sockets", destinations: "distinct destinations"}[.];

(first(.[] | select(.case == "idle")) | .rss_kib) as $idle
| "\($on), hook set `\(.[0].hook_set)`. MB of VmRSS.",
"",
(["with", "resident", "anonymous", "files", "ring", "bytes each", "most", "CPU", "records lost"] | row, rule),
(.[] | [
	(if .case == "idle" then "nothing but the machine\u0027s own"
	elif .case == "earlier" then "\(.count | thousands) \(.kind | of_them), there before tattle"
	else "\(.count | thousands) \(.kind | of_them), since" end),
	(.rss_kib, .anonymous_kib, .file_kib, .ring_kib | megabytes),
	(if .count == 0 then "–" else (.rss_kib - $idle) * 1024 / .count | round | tostring end),
	(.peak_kib | megabytes),
	(if .case == "later" then "\(.cpu_ns / .count / 10 | round / 100) µs each" else "\(.cpu_ns / 1e7 | round / 100) s" end),
	(.lost | tostring)] | row)
