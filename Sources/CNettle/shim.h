/* What Files needs of nettle: two digests. The names in its headers are macros, which Swift does not follow. */
#include <stddef.h>
#include <stdint.h>
#include <nettle/md5.h>
#include <nettle/sha2.h>

typedef struct sha256_ctx tattle_sha256;
typedef struct md5_ctx tattle_md5;

static inline void tattle_sha256_begin(tattle_sha256 *digest)
{
	sha256_init(digest);
}

static inline void tattle_sha256_add(tattle_sha256 *digest, const uint8_t *bytes, size_t count)
{
	sha256_update(digest, count, bytes);
}

/* Writes 32 bytes. */
static inline void tattle_sha256_end(tattle_sha256 *digest, uint8_t *result)
{
	sha256_digest(digest, SHA256_DIGEST_SIZE, result);
}

static inline void tattle_md5_begin(tattle_md5 *digest)
{
	md5_init(digest);
}

static inline void tattle_md5_add(tattle_md5 *digest, const uint8_t *bytes, size_t count)
{
	md5_update(digest, count, bytes);
}

/* Writes 16 bytes. */
static inline void tattle_md5_end(tattle_md5 *digest, uint8_t *result)
{
	md5_digest(digest, MD5_DIGEST_SIZE, result);
}
