/* The JSON schemas of docs/schema, embedded: one source for the pages and for `tattle schema`. */
#ifndef TATTLE_CSCHEMAS_H
#define TATTLE_CSCHEMAS_H

#include <stddef.h>

/* A text, not ended by NUL. */
struct tattle_text {
	const unsigned char *bytes;
	size_t length;
};

struct tattle_text tattle_schema_ecs(void);
struct tattle_text tattle_schema_ocsf(void);
struct tattle_text tattle_schema_zeek(void);

#endif
