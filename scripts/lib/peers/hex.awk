# Numbers in hexadecimal, which POSIX awk cannot read, and one way to write each IP address.

function from_hex(text,    number, i) {
    text = tolower(text)
    for (i = 1; i <= length(text); i++) number = number * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
    return sprintf("%.0f", number) # an awk may print a number beyond 31 bits as 3e+09
}

function swapped(text,    i, result) { # bytes in reverse
    for (i = length(text) - 1; i > 0; i -= 2) result = result substr(text, i, 2)
    return result
}

function ipv4_hex(text,    bytes) {
    split(text, bytes, ".")
    return sprintf("%02x%02x%02x%02x", bytes[1], bytes[2], bytes[3], bytes[4])
}

# 8 digits for IPv4, also for IPv4-mapped; 32 for IPv6; anything else as it is. "Any" is the loopback
# address: that is where a connect to it goes, and a tool may show either.
function canonical(text,    halves, parts, count, left, right, i) {
    if (text ~ /^(mac|vsock):/) return text
    if (text ~ /^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$/) return settled(ipv4_hex(text))
    if (text !~ /:/) return text
    sub(/%.*/, "", text)
    if (match(text, /[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$/)) {
        left = ipv4_hex(substr(text, RSTART))
        text = substr(text, 1, RSTART - 1) substr(left, 1, 4) ":" substr(left, 5)
    }
    left = right = ""
    i = index(text, "::")
    halves[1] = i ? substr(text, 1, i - 1) : text
    halves[2] = i ? substr(text, i + 2) : ""
    count = split(halves[1], parts, ":")
    for (i = 1; i <= count; i++) left = left substr("0000" tolower(parts[i]), length(parts[i]) + 1)
    count = split(halves[2], parts, ":")
    for (i = 1; i <= count; i++) right = right substr("0000" tolower(parts[i]), length(parts[i]) + 1)
    while (length(left) + length(right) < 32) left = left "0"
    return settled(left right)
}

function settled(hex) {
    if (length(hex) == 32 && hex ~ /^00000000000000000000ffff/) hex = substr(hex, 25)
    if (hex == "00000000") return "7f000001"
    if (hex ~ /^0+$/) return "00000000000000000000000000000001"
    return hex
}
