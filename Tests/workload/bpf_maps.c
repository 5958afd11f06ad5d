/* SPDX-License-Identifier: GPL-2.0-only */
/* How full the BPF maps are that a process holds. */
#define _GNU_SOURCE
#include "denied.h"
#include "probe_abi.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The map behind a descriptor of another process; 0: it is none. */
static uint32_t map_id_of(const char *folder, const char *descriptor)
{
	char path[512], line[128];
	unsigned int id = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, descriptor);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "map_id:\t%u", &id) == 1)
			break;
	}
	if (file)
		fclose(file);
	return id;
}

/* Entries that come and go while we count may be missed; none stays and is. */
static long count_entries(int map, uint32_t key_size)
{
	char *key = calloc(1, key_size), *next = calloc(1, key_size);
	union bpf_attr attributes = { .map_fd = (uint32_t)map, .next_key = (uint64_t)(uintptr_t)next };
	long count = 0;

	/* No key: the first one. A key that has gone meanwhile: the first again, so there is an end to it. */
	while (count < 10000000 && !bpf(BPF_MAP_GET_NEXT_KEY, &attributes)) {
		memcpy(key, next, key_size);
		attributes.key = (uint64_t)(uintptr_t)key;
		count++;
	}
	free(key);
	free(next);
	return count;
}

static bool is_counted(uint32_t type)
{
	return type == BPF_MAP_TYPE_HASH || type == BPF_MAP_TYPE_LRU_HASH || type == BPF_MAP_TYPE_LPM_TRIE;
}

/* Arrays of places that a key takes and lets go: bpf/include/places.h. */
static bool is_of_places(const struct bpf_map_info *info)
{
	size_t length = strlen(info->name);

	return info->type == BPF_MAP_TYPE_ARRAY && length > 7 && !strcmp(info->name + length - 7, "_places");
}

static long count_taken(int map, const struct bpf_map_info *info)
{
	uint32_t number = 0;
	struct tattle_place *place = calloc(1, info->value_size);
	union bpf_attr attributes = { .map_fd = (uint32_t)map, .key = (uint64_t)(uintptr_t)&number,
				      .value = (uint64_t)(uintptr_t)place };
	long count = 0;

	for (; number < info->max_entries; number++)
		count += !bpf(BPF_MAP_LOOKUP_ELEM, &attributes) && place->key;
	free(place);
	return count;
}

/* The next map that a process holds, and what it is; its folder of descriptors is `folder`. −1: there is none more. */
static int next_map(DIR *descriptors, const char *folder, struct bpf_map_info *info)
{
	struct dirent *entry;

	while ((entry = readdir(descriptors))) {
		union bpf_attr open = { .map_id = map_id_of(folder, entry->d_name) }, query = {};
		long map = open.map_id ? bpf(BPF_MAP_GET_FD_BY_ID, &open) : -1;

		if (map < 0)
			continue;
		memset(info, 0, sizeof(*info));
		query.info.bpf_fd = (uint32_t)map;
		query.info.info_len = sizeof(*info);
		query.info.info = (uint64_t)(uintptr_t)info;
		if (!bpf(BPF_OBJ_GET_INFO_BY_FD, &query))
			return (int)map;
		close((int)map);
	}
	return -1;
}

static DIR *descriptors_of(const char *pid, char *folder, size_t size)
{
	DIR *descriptors;

	snprintf(folder, size, "/proc/%s/fdinfo", pid);
	descriptors = opendir(folder);
	if (!descriptors)
		perror(folder);
	return descriptors;
}

/* attempts bpf-maps PID: {"maps":{NAME:ENTRIES, …}} of those that have entries come and go. */
int bpf_maps(int argc, char **argv)
{
	const char *separator = "";
	struct bpf_map_info info;
	char folder[64];
	DIR *descriptors = descriptors_of(argc == 2 ? argv[1] : "", folder, sizeof(folder));
	int map;

	if (!descriptors)
		return USAGE;
	printf("{\"maps\":{");
	while ((map = next_map(descriptors, folder, &info)) >= 0) {
		bool are_places = is_of_places(&info);

		if (are_places || is_counted(info.type)) {
			printf("%s\"%s\":%ld", separator, info.name,
			       are_places ? count_taken(map, &info) : count_entries(map, info.key_size));
			separator = ",";
		}
		close(map);
	}
	closedir(descriptors);
	printf("}}\n");
	return AS_EXPECTED;
}

static int map_of(const char *pid, const char *name)
{
	struct bpf_map_info info;
	char folder[64];
	DIR *descriptors = descriptors_of(pid, folder, sizeof(folder));
	int map = -1;

	while (descriptors && (map = next_map(descriptors, folder, &info)) >= 0 && strcmp(info.name, name))
		close(map);
	if (descriptors)
		closedir(descriptors);
	return map;
}

/*
 * attempts unseen-end PID: closes a socket that the tattle PID (hook set `tracepoint`) keeps an attempt of, without its
 * state having changed: as where the kernel ran no program when it did. {"is_kept":…} tells whether it still does.
 */
int unseen_end(int argc, char **argv)
{
	int map = map_of(argc == 2 ? argv[1] : "", "tcp_places"), fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct tattle_tcp_place place = { .place.claims = 1, .attempt.flags = TATTLE_FLAG_REPORTED };
	union bpf_attr entry = { .map_fd = (uint32_t)map, .value = (uint64_t)(uintptr_t)&place };
	socklen_t length = sizeof(uint64_t);
	uint64_t cookie;
	uint32_t number;

	if (map < 0 || fd < 0 || getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &length)) {
		perror("unseen-end");
		return USAGE;
	}
	place.place.key = cookie;
	place.attempt.socket_key = cookie;
	place.attempt.protocol = IPPROTO_TCP;
	number = ((uint32_t)cookie * TATTLE_PLACE_FACTOR) >> TATTLE_PLACE_SHIFT;
	entry.key = (uint64_t)(uintptr_t)&number;
	if (bpf(BPF_MAP_UPDATE_ELEM, &entry)) {
		perror("tcp_places");
		return USAGE;
	}
	close(fd);
	if (bpf(BPF_MAP_LOOKUP_ELEM, &entry)) {
		perror("tcp_places");
		return USAGE;
	}
	printf("{\"is_kept\":%s}\n", place.place.key ? "true" : "false");
	return AS_EXPECTED;
}
