/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The bytes that a program sends, read before the kernel takes them: the program may change them meanwhile. */
#ifndef TATTLE_PAYLOAD_H
#define TATTLE_PAYLOAD_H

/* What is in a later segment of a send is not looked at. */
#define MAX_SEGMENTS 16

/* Where the data of a send is: in one place, or in segments. */
struct payload {
	const void *data;
	const struct iovec *segments;
	__u64 count;
	__u64 begin; /* in the segments, as the data were one after the other */
	bool is_user;
};

static __always_inline bool is_iterator(unsigned int type, unsigned int wanted)
{
	/* Before 5.14 the type is a bit, and the direction another. */
	if (bpf_core_field_exists(((struct iov_iter *)0)->iter_type))
		return type == wanted;
	return (type & ~1U) == wanted;
}

/* False: it is in neither user nor kernel memory that can be named (splice). */
static __always_inline bool find_payload(struct payload *payload, struct msghdr *message)
{
	struct iov_iter *iterator = __builtin_preserve_access_index(&message->msg_iter);
	unsigned int type;

	if (bpf_core_field_exists(iterator->iter_type))
		type = BPF_CORE_READ(iterator, iter_type);
	else
		type = BPF_CORE_READ((struct iov_iter___before_5_14 *)iterator, type);
	__builtin_memset(payload, 0, sizeof(*payload));
	payload->is_user = true;
	payload->begin = BPF_CORE_READ(iterator, iov_offset);
	if (bpf_core_enum_value_exists(enum iter_type, ITER_UBUF) &&
	    type == bpf_core_enum_value(enum iter_type, ITER_UBUF)) {
		payload->data = BPF_CORE_READ(iterator, ubuf) + payload->begin;
		return true;
	}
	if (is_iterator(type, bpf_core_enum_value(enum iter_type, ITER_KVEC)))
		payload->is_user = false;
	else if (!is_iterator(type, bpf_core_enum_value(enum iter_type, ITER_IOVEC)))
		return false;
	if (bpf_core_field_exists(iterator->__iov))
		payload->segments = BPF_CORE_READ(iterator, __iov);
	else
		payload->segments = BPF_CORE_READ((struct iov_iter___before_6_4 *)iterator, iov);
	payload->count = BPF_CORE_READ(iterator, nr_segs);
	return true;
}

/* The address of `length` bytes that begin so far behind the first; 0: they are not in one of the first segments. */
LOOKED_AT_ONCE __u64 place_in_segments(__u64 segments, __u64 count, __u64 begin, __u64 length)
{
	struct iovec segment = {};

	for (__u64 i = 0; i < MAX_SEGMENTS; i++) {
		if (i >= count)
			break;
		bpf_probe_read_kernel(&segment, sizeof(segment), (void *)segments + i * sizeof(segment));
		if (begin < segment.iov_len)
			return begin + length <= segment.iov_len ? (__u64)segment.iov_base + begin : 0;
		begin -= segment.iov_len;
	}
	return 0;
}

static __always_inline bool read_payload(void *to, __u32 length, const struct payload *payload, __u32 offset)
{
	const void *place = payload->data + offset;

	if (payload->segments)
		place = (const void *)place_in_segments((__u64)payload->segments, payload->count, payload->begin + offset, length);
	if (!place)
		return false;
	if (payload->is_user)
		return !bpf_probe_read_user(to, length, place);
	return !bpf_probe_read_kernel(to, length, place);
}

#endif
