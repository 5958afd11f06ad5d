/* What Compression needs of libzstd: its streams. */
#include <zstd.h>

/* In the header these are enumerators, which Swift wants as their own type. */
static inline size_t tattle_zstd_set(ZSTD_CCtx *context, int level)
{
	size_t result = ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level);

	/* So that a frame which was damaged is noticed. */
	return ZSTD_isError(result) ? result : ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
}
