/* SPDX-License-Identifier: MIT */
/* C23 #embed, as for the BPF objects. */
#include "CSchemas.h"

static const unsigned char ecs_bytes[] = {
#embed "../../docs/schema/ecs.schema.json"
};

static const unsigned char ocsf_bytes[] = {
#embed "../../docs/schema/ocsf.schema.json"
};

static const unsigned char zeek_bytes[] = {
#embed "../../docs/schema/zeek.schema.json"
};

struct tattle_text tattle_schema_ecs(void)
{
	return (struct tattle_text){ ecs_bytes, sizeof(ecs_bytes) };
}

struct tattle_text tattle_schema_ocsf(void)
{
	return (struct tattle_text){ ocsf_bytes, sizeof(ocsf_bytes) };
}

struct tattle_text tattle_schema_zeek(void)
{
	return (struct tattle_text){ zeek_bytes, sizeof(zeek_bytes) };
}
