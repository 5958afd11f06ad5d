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

/* SHA-1 of the first `count` bytes, at most 40, of five numbers whose first byte is the most significant; those behind
 * them are 0. With its end and its length that is one block, so it is nothing but one compression. */
static inline struct tattle_sha1 tattle_sha1_of(uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, size_t count)
{
	uint64_t block[8] = { __builtin_bswap64(a), __builtin_bswap64(b), __builtin_bswap64(c), __builtin_bswap64(d),
			      __builtin_bswap64(e), 0, 0, __builtin_bswap64((uint64_t)count * 8) };
	uint32_t state[SHA1_DIGEST_SIZE / 4] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 };

	((uint8_t *)block)[count < 40 ? count : 40] = 0x80;
	nettle_sha1_compress(state, (const uint8_t *)block);
	return (struct tattle_sha1){ (uint64_t)state[0] << 32 | state[1], (uint64_t)state[2] << 32 | state[3], state[4] };
}

/* Two words of eight bytes each. */
struct tattle_words {
	uint64_t first, second;
};

/* 48 bits, and 48 others, as base64 (RFC 4648, section 4): eight digits each, the first in the lowest byte. What makes a
 * digest text, here and not in Swift, whose vectors compare number by number. */
static inline struct tattle_words tattle_base64_of(uint64_t first, uint64_t second)
{
	typedef uint64_t words __attribute__((vector_size(16)));
	typedef int8_t bytes __attribute__((vector_size(16)));
	words bits = { first, second };
	/* Halves, quarters, eighths, each into a place of its own. */
	words halves = bits >> 24 | (bits & 0xffffff) << 32;
	words quarters = (halves >> 12 & 0xfff00000fff) | (halves & 0xfff00000fff) << 16;
	bytes values = (bytes)((quarters >> 6 & 0x3f003f003f003f) | (quarters & 0x3f003f003f003f) << 8);
	/* A-Z, a-z, 0-9, +, /: each range is so much further on, or back, in ASCII than the one before. */
	bytes digits = values + 65 + ((values > 25) & 6) - ((values > 51) & 75) - ((values > 61) & 15) + ((values > 62) & 3);
	words result = (words)digits;

	return (struct tattle_words){ result[0], result[1] };
}
