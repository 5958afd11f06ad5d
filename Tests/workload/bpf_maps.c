/* SPDX-License-Identifier: GPL-2.0-only */
/* How full the BPF maps are that a process holds. */
#define _GNU_SOURCE
#include "denied.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* attempts bpf-maps PID: {"maps":{NAME:ENTRIES, …}} of those that have entries come and go. */
int bpf_maps(int argc, char **argv)
{
	const char *separator = "";
	char folder[64];
	struct dirent *entry;
	DIR *descriptors;

	snprintf(folder, sizeof(folder), "/proc/%s/fdinfo", argc == 2 ? argv[1] : "");
	descriptors = opendir(folder);
	if (!descriptors) {
		fprintf(stderr, "usage: attempts bpf-maps PID: %s\n", strerror(errno));
		return USAGE;
	}
	printf("{\"maps\":{");
	while ((entry = readdir(descriptors))) {
		union bpf_attr open = { .map_id = map_id_of(folder, entry->d_name) }, query = {};
		struct bpf_map_info info = {};
		long map = open.map_id ? bpf(BPF_MAP_GET_FD_BY_ID, &open) : -1;

		if (map < 0)
			continue;
		query.info.bpf_fd = (uint32_t)map;
		query.info.info_len = sizeof(info);
		query.info.info = (uint64_t)(uintptr_t)&info;
		if (!bpf(BPF_OBJ_GET_INFO_BY_FD, &query) && is_counted(info.type)) {
			printf("%s\"%s\":%ld", separator, info.name, count_entries((int)map, info.key_size));
			separator = ",";
		}
		close((int)map);
	}
	closedir(descriptors);
	printf("}}\n");
	return AS_EXPECTED;
}
