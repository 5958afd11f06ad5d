/* What Compression needs of zlib: gzip streams. Its functions to begin them are macros, which Swift does not follow. */
#include <stdlib.h>
#include <zlib.h>

/* zlib's window bits: 15, the largest, and 16 for gzip's header and checksum. */
#define TATTLE_GZIP (15 + 16)

/* On the heap, because zlib's state points back to it. NULL: no memory. */
static inline z_stream *tattle_gzip_compressor(int level)
{
	z_stream *stream = calloc(1, sizeof(*stream));

	if (stream && deflateInit2(stream, level, Z_DEFLATED, TATTLE_GZIP, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
		free(stream);
		return NULL;
	}
	return stream;
}

static inline void tattle_gzip_end_compressor(z_stream *stream)
{
	deflateEnd(stream);
	free(stream);
}

static inline z_stream *tattle_gzip_decompressor(void)
{
	z_stream *stream = calloc(1, sizeof(*stream));

	if (stream && inflateInit2(stream, TATTLE_GZIP) != Z_OK) {
		free(stream);
		return NULL;
	}
	return stream;
}

static inline void tattle_gzip_end_decompressor(z_stream *stream)
{
	inflateEnd(stream);
	free(stream);
}
