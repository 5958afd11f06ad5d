# The truth that the workload states, as TSV: a line for each attempt, and one for a kind without any:
# kind, status, problem, number of attempts, pid ("kernel-TRANSPORT": a thread of the kernel's), address, port, result, errno, via
[.kind, .status, .problem, (.attempts | length)] as $kind
| if (.attempts | length) == 0 then $kind + ["", "", "", "", "", ""]
  else .attempts[] | $kind + [
    (if .is_kernels then "kernel-" + .transport else .pid end),
    (if .mac then "mac:" + .mac elif .transport == "vsock" then "vsock:" + .address else .ip end),
    .port, .result, (.error // ""), .via
  ] end
| map(if . == "" then "-" else tostring end) | @tsv
