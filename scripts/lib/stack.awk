# Reads `llvm-objdump -dr` of a BPF object and adds up the stack of each program along its deepest chain of calls, as
# kernel/bpf/verifier.c check_max_stack_depth() does: each frame is as deep as it is written to, rounded up to 32 bytes.
# Prints a line for each chain that is too deep, then the deepest; exits 1 if one was too deep. -v object=NAME: its name.
BEGIN { limit = 512 }

/^Disassembly of section / { section = $4; sub(/:$/, "", section); next }

/^[0-9a-f]+ <.*>:$/ {
	name = $2
	gsub(/[<>:]/, "", name)
	current = section "|" name
	at[section "|" to_number($1)] = current
	named[name] = current
	if (section != ".text")
		program[current] = 1
	split("", frame_pointer)
	next
}

# A relocation of the instruction before: which function it calls, or hands to bpf_loop().
/R_BPF_64_(32|64)/ {
	target = $3
	# Maps are such names too: no function is found by them. A static function is its section and a place.
	if (target ~ /^\./)
		wanted[current, ++calls[current]] = "place|" target "|" (is_call ? (number + 1) * 8 : number)
	else
		wanted[current, ++calls[current]] = "name|" target
	next
}

{
	is_call = 0
	text = $0
	sub(/^ *[0-9]+:[ \t]*/, "", text)
	if (text ~ /^call /) {
		is_call = 1
		number = to_number(substr(text, 6))
	} else if (match(text, / = (0x)?[0-9a-f]+ ll$/)) {
		split(text, words, " ")
		number = to_number(words[3])
	}
	# A pointer into the frame is the frame's, less what is taken from it next.
	if (text ~ /^r[0-9] = r10$/)
		frame_pointer[substr(text, 1, 2)] = 1
	else if (match(text, /^r[0-9] \+= -/) && substr(text, 1, 2) in frame_pointer) {
		deepen(to_number(substr(text, 8)))
		delete frame_pointer[substr(text, 1, 2)]
	} else if (match(text, /\(r10 - 0x[0-9a-f]+\)/))
		deepen(to_number(substr(text, RSTART + 7, RLENGTH - 8)))
}

END {
	deepest = 0
	for (function_name in program) {
		depth = depth_of(function_name)
		if (depth > limit) {
			printf "%s: %s needs %d bytes of stack, more than %d\n", object, chain[function_name], depth, limit
			status = 1
		}
		if (depth > deepest) {
			deepest = depth
			deepest_chain = chain[function_name]
		}
	}
	if (!deepest) {
		printf "%s: no program was found\n", object
		status = 1
	}
	printf "%-40s %d bytes: %s\n", object, deepest, deepest_chain
	exit status
}

# Of hexadecimal digits behind 0x, perhaps behind a minus; mawk has no strtonum().
function to_number(word,    sign, value, i) {
	sign = word ~ /^-/ ? -1 : 1
	sub(/^-?0x/, "", word)
	for (i = 1; i <= length(word); i++)
		value = value * 16 + index("0123456789abcdef", substr(word, i, 1)) - 1
	return sign * value
}

function deepen(bytes) {
	if (bytes > frame[current])
		frame[current] = bytes
}

# Of a function and what it calls; the chain is in chain[].
function depth_of(function_name,    i, target, own, below, most, words_of) {
	if (function_name in depths)
		return depths[function_name]
	own = int((frame[function_name] + 31) / 32) * 32
	if (!own)
		own = 32
	most = 0
	chain[function_name] = short(function_name) " (" own ")"
	for (i = 1; i <= calls[function_name]; i++) {
		split(wanted[function_name, i], words_of, "|")
		target = words_of[1] == "name" ? named[words_of[2]] : at[words_of[2] "|" words_of[3]]
		if (target == "" && words_of[1] == "place" && words_of[2] == ".text") {
			printf "%s: %s calls what is not found in .text: %s\n", object, short(function_name), words_of[3]
			status = 1
		}
		if (target == "" || target == function_name)
			continue
		below = depth_of(target)
		if (below > most) {
			most = below
			chain[function_name] = short(function_name) " (" own ") > " chain[target]
		}
	}
	depths[function_name] = own + most
	return own + most
}

function short(function_name) {
	sub(/^.*\|/, "", function_name)
	return function_name
}
