/* What Files and Records need of nettle: digests. The names in its headers are macros, which Swift does not follow. */
#include <stddef.h>
#include <stdint.h>
#include <nettle/md5.h>
#include <nettle/sha1.h>
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

/* SHA-1 as numbers: its bytes 1 to 8, 9 to 16 and 17 to 20, the first of each most significant. */
struct tattle_sha1 {
	uint64_t first, second;
	uint32_t third;
};

/* SHA-1 of the first `count` bytes, at most 40, of five numbers whose first byte is the most significant. */
static inline struct tattle_sha1 tattle_sha1_of(uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, size_t count)
{
	uint64_t words[5] = { __builtin_bswap64(a), __builtin_bswap64(b), __builtin_bswap64(c), __builtin_bswap64(d),
			      __builtin_bswap64(e) };
	struct sha1_ctx context;
	struct {
		uint64_t first, second;
		uint32_t third;
	} __attribute__((packed)) digest;

	sha1_init(&context);
	sha1_update(&context, count < sizeof(words) ? count : sizeof(words), (const uint8_t *)words);
	sha1_digest(&context, SHA1_DIGEST_SIZE, (uint8_t *)&digest);
	return (struct tattle_sha1){ __builtin_bswap64(digest.first), __builtin_bswap64(digest.second),
				     __builtin_bswap32(digest.third) };
}
