# Holds TOOL's sightings (first file) against the truth (second file, see truth.jq), kind by kind:
# kind, right|partly|missed|missing, what is lacking. Kinds that make no attempt are left out.

BEGIN { FS = OFS = "\t" }

function count_one(pid, address, port, outcome,    key) {
    key = pid SUBSEP address SUBSEP port
    seen[key]++
    outcomes[key] = outcomes[key] " " outcome
}

FILENAME == ARGV[1] {
    # A worker of the kernel's is nobody's process; the tools that see those are for TCP.
    count_one($2 ~ /^kworker|^rpciod|^nfs/ ? "kernel-tcp" : $1, $3, $4, $5)
    of_pid[$1] = of_pid[$1] $3 SUBSEP $4 SUBSEP $5 "\n"
    next
}

{
    if (!($1 in status)) kinds[++number] = $1
    status[$1] = $2
    problem[$1] = $3
    total[$1] = $4
    if ($4 == 0) next
    i = ++rows[$1]
    pid[$1, i] = $5
    address[$1, i] = canonical($6)
    port[$1, i] = $7 == "-" ? 0 : $7
    result[$1, i] = $8
    error[$1, i] = $9
    via[$1, i] = $10
    key = $5 SUBSEP address[$1, i] SUBSEP port[$1, i]
    wanted[key]++
}

function add(text, more) { return text == "" ? more : text "; " more }

# What is wanted, among what was told: "" or what is lacking.
function lacking_outcome(told, result, error,    good) {
    good = error != "-" ? error : (result == "established" ? "established" : "")
    if (good != "" && index(told " ", " " good " ")) return ""
    if (error == "-" && (result == "established" || result == "sent") && index(told " ", " success ")) return ""
    # No errno is the truth of an attempt that its process gave up: any that its call returned will do.
    if (result == "aborted" && told ~ / E/ && told !~ / (EINPROGRESS|EALREADY)/) return ""
    good = error != "-" ? error : result
    if (told " " ~ / - /) return "no outcome (was " good ")"
    if (told " " ~ / ended / && result != "established") return "failed, not how (was " good ")"
    sub(/^ /, "", told)
    return "outcome shown as " first_words(told) " (was " good ")"
}

function first_words(text,    words, count, i, once, result) {
    count = split(text, words, " ")
    for (i = 1; i <= count; i++) {
        if (words[i] == "-" || words[i] in once) continue
        once[words[i]] = 1
        result = result (result == "" ? "" : ", ") words[i]
    }
    return result
}

# Of KIND's process, that is none of the destinations whole, but has a raw packet's address, or is of the link
# layer when the attempt is a frame: the outcomes, or "".
function in_another_form(kind, row,    lines, count, i, parts, key, told) {
    count = split(of_pid[pid[kind, row]], lines, "\n")
    for (i = 1; i < count; i++) {
        split(lines[i], parts, SUBSEP)
        key = pid[kind, row] SUBSEP parts[1] SUBSEP parts[2]
        if (key in wanted) continue
        if (via[kind, row] == "packet" ? parts[1] ~ /^mac:/ : via[kind, row] == "raw" && parts[1] == address[kind, row])
            told = told " " parts[3]
    }
    return told
}

function judge(kind,    row, key, recorded, once, lacks, told, text, said) {
    for (row = 1; row <= rows[kind]; row++) {
        key = pid[kind, row] SUBSEP address[kind, row] SUBSEP port[kind, row]
        told = outcomes[key]
        if (key in seen) {
            recorded++
            if (!(key in once)) {
                once[key] = 1
                # auditd tells of system calls, each once; of the kernel's own, kinds cannot be told apart.
                if (seen[key] > wanted[key] && tool != "auditd" && pid[kind, row] !~ /^kernel/)
                    lacks = add(lacks, "recorded " seen[key] " times instead of " wanted[key])
                if (seen[key] < wanted[key]) {
                    # One call of auditd's may make several attempts; the others' lines are one each.
                    lacks = add(lacks, seen[key] " of " wanted[key] " recorded")
                }
            }
            text = lacking_outcome(told, result[kind, row], error[kind, row])
        } else if ((told = in_another_form(kind, row)) != "") {
            recorded++
            text = via[kind, row] == "packet" ? "only the link layer's address, not that in the frame" : "no port"
            if (lacking_outcome(told, result[kind, row], error[kind, row]) != "")
                text = text "; " lacking_outcome(told, result[kind, row], error[kind, row])
        } else {
            text = ""
            unseen[kind]++
        }
        if (text != "" && !(text in said)) {
            said[text] = 1
            lacks = add(lacks, text)
        }
    }
    if (!recorded) {
        print kind, "missed", "not recorded"
        return
    }
    if (unseen[kind]) lacks = add(rows[kind] - unseen[kind] " of " rows[kind] " destinations recorded", lacks)
    sub(/; $/, "", lacks)
    print kind, lacks == "" ? "right" : "partly", lacks == "" ? "-" : lacks
}

END {
    for (k = 1; k <= number; k++) {
        kind = kinds[k]
        if (status[kind] == "missing") print kind, "missing", problem[kind]
        else if (status[kind] != "as_expected") print kind, "missing", "the attempt itself went wrong: " problem[kind]
        else if (total[kind] > 0) judge(kind)
    }
}
