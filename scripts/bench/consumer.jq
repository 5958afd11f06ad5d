# The lines of consumer.json as Markdown.
def row: "| " + join(" | ") + " |";
def rule: "|" + (map("---") | join("|")) + "|";
def thousands: tostring | [while(length > 0; .[:-3]) | .[-3:]] | reverse | join(",");
def hundredths: . * 100 | round / 100 | tostring;

. as $lines
| (first(.[] | select(.work == "write"))) as $write
| "\($on), hook set `tracepoint` or what this kernel allows.",
"",
(["records of", "by processes", "records/s, ring → bytes", "records/s, ring → file", "MB/s, ring → file", "bytes a record", "allocations a record", "resident, MB"] | row, rule),
($lines[] | select(.work != "write" and .allocations == null) | . as $line
| (first($lines[] | select(.work == $line.work and .processes == $line.processes and .allocations != null)) // null) as $counted
| [.work, (.processes | thousands), (.records / .main_ns * 1e9 | round | thousands), (.records / .all_ns * 1e9 | round | thousands),
	(if .bytes == 0 then "–" else .bytes / .all_ns * 1e3 | round | tostring end), (.bytes / .records | round | tostring),
	(if $counted then $counted.allocations / $counted.records | hundredths else "–" end), (.resident_kib * 1024 / 1e5 | round / 10 | tostring)] | row),
"",
"The bytes of the first of them, written again by write(2) from memory: \($write.bytes / $write.cpu_ns * 1e3 | round) MB/s."
