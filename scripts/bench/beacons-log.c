/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * beacons-log FORM N: so many made-up connections as `tattle beacons` reads them, over a day, in order.
 * FORM: zeek (conn.log, TSV), ecs (tattle's own, with a process) or json (conn.log, JSON).
 *
 * 2,000 hosts of 40 pages each by chance, a twentieth of all calls by 200 beacons, and a new destination each hundredth call:
 * more pairs than are kept. The same in each run.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state = 1;

static uint64_t number(void)
{
	uint64_t bits = (state += 0x9e3779b97f4a7c15);

	bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9;
	bits = (bits ^ bits >> 27) * 0x94d049bb133111eb;
	return bits ^ bits >> 31;
}

int main(int argc, char **argv)
{
	long count = argc == 3 ? atol(argv[2]) : 0;
	const char *form = argc == 3 ? argv[1] : "";
	int is_zeek = !strcmp(form, "zeek"), is_json = !strcmp(form, "json");

	if (count <= 0 || (!is_zeek && !is_json && strcmp(form, "ecs"))) {
		fprintf(stderr, "usage: beacons-log zeek|json|ecs N\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOFBF, 1 << 20);
	if (is_zeek)
		printf("#separator \\x09\n#path\tconn\n#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice"
		       "\tduration\torig_bytes\tresp_bytes\tconn_state\tlocal_orig\tlocal_resp\n");
	for (long index = 0; index < count; index++) {
		double time = 1700000000 + 86400.0 * index / count;
		uint64_t chance = number();
		unsigned host = chance % 2000, page = chance >> 20 & 0xffff;
		char to[32];

		if (index % 20 == 0) {
			/* The beacons take turns: each comes at the same pace. */
			host = index / 20 % 200;
			snprintf(to, sizeof(to), "203.0.113.%u", host % 250);
			time += 0.001 * (chance >> 40 & 63);
		} else if (index % 100 == 1) {
			snprintf(to, sizeof(to), "100.%u.%u.%u", page >> 8, page & 255, (unsigned)(chance >> 40 & 255));
		} else {
			snprintf(to, sizeof(to), "198.51.%u.%u", page % 40, host % 7);
		}
		if (is_zeek)
			printf("%.6f\tC%lx\t10.0.%u.%u\t%u\t%s\t443\ttcp\tssl\t0.%03u\t%u\t%u\tSF\tT\tF\n", time, index, host >> 8,
			       host & 255, 32768 + page % 28000, to, page % 1000, 200 + page % 3, 1000 + page);
		else if (is_json)
			printf("{\"ts\":%.6f,\"uid\":\"C%lx\",\"id.orig_h\":\"10.0.%u.%u\",\"id.orig_p\":%u,\"id.resp_h\":\"%s\","
			       "\"id.resp_p\":443,\"proto\":\"tcp\",\"duration\":0.%03u,\"orig_bytes\":%u,\"conn_state\":\"SF\"}\n",
			       time, index, host >> 8, host & 255, 32768 + page % 28000, to, page % 1000, 200 + page % 3);
		else {
			unsigned seconds = (unsigned)(time - 1700000000);

			printf("{\"@timestamp\":\"2026-01-01T%02u:%02u:%02u.%09uZ\",\"event\":{\"kind\":\"event\",\"category\":[\"network\"],"
			       "\"type\":[\"connection\",\"start\"],\"action\":\"connection_attempted\",\"id\":\"6a62b0bc33a6324f-1-2-%ld-a\","
			       "\"sequence\":%ld,\"duration\":10000,\"outcome\":\"success\",\"dataset\":\"tattle.trace\","
			       "\"module\":\"tattle\",\"provider\":\"ebpf\"},\"network\":{\"transport\":\"tcp\",\"iana_number\":\"6\","
			       "\"type\":\"ipv4\",\"direction\":\"egress\"},\"destination\":{\"address\":\"%s\",\"ip\":\"%s\",\"port\":443},"
			       "\"process\":{\"pid\":%u,\"entity_id\":\"16107698adb1c002-%u-3599000000000\","
			       "\"start\":\"2025-12-31T09:59:59.000000000Z\",\"name\":\"p%u\",\"args_count\":1,\"args\":[\"p%u\"],"
			       "\"executable\":\"/usr/bin/p%u\",\"thread\":{\"id\":%u,\"name\":\"p%u\"}},\"user\":{\"id\":\"1000\"},"
			       "\"tattle\":{\"attempt\":{\"id\":\"6a62b0bc33a6324f-%ld\",\"result\":\"established\"},\"via\":\"syscall\","
			       "\"netns\":4026531840,\"attribution\":{\"source\":\"kernel\"},\"hook_set\":\"trampoline\"},"
			       "\"agent\":{\"type\":\"tattle\",\"version\":\"0.1.0\",\"ephemeral_id\":\"5f0c9a52\"},\"ecs\":{\"version\":\"9.2.0\"},"
			       "\"host\":{\"name\":\"web-1\",\"architecture\":\"x86_64\",\"boot\":{\"id\":\"b0072f14\"},"
			       "\"os\":{\"type\":\"linux\",\"kernel\":\"6.12\"}}}\n",
			       seconds / 3600, seconds / 60 % 60, seconds % 60, (unsigned)(fmod(time, 1) * 1e9), index, index, to, to,
			       host + 100, host + 100, host, host, host, host + 100, host, index);
		}
	}
	return fclose(stdout) ? 1 : 0;
}
