// One kernel, in kernel.h, for each width of vector.
#include "CBlake2b.h"
#include <string.h>

enum { BLOCK = 128, WORDS = 16, ROUNDS = 12, DIGEST = 32 };

#if defined(__x86_64__)
#include <immintrin.h>

static const uint64_t initial[8] = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};

/// Which word of the message goes where in each round; the last two are the first two again.
static const uint8_t order[ROUNDS][WORDS] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4}, {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13}, {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11}, {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5}, {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
};

#define LANES 4
#define TARGET "avx2"
#define NAME(part) part##_4
static const uint8_t by_16[32] = {2, 3, 4, 5, 6, 7, 0, 1, 10, 11, 12, 13, 14, 15, 8, 9,
                                  2, 3, 4, 5, 6, 7, 0, 1, 10, 11, 12, 13, 14, 15, 8, 9};
static const uint8_t by_24[32] = {3, 4, 5, 6, 7, 0, 1, 2, 11, 12, 13, 14, 15, 8, 9, 10,
                                  3, 4, 5, 6, 7, 0, 1, 2, 11, 12, 13, 14, 15, 8, 9, 10};
#define BYTES(x, table) (vector_4) _mm256_shuffle_epi8((__m256i)(x), _mm256_loadu_si256((const __m256i *)(table)))
#define RIGHT_32(x) (vector_4) _mm256_shuffle_epi32((__m256i)(x), 0xB1)
#define RIGHT_24(x) BYTES(x, by_24)
#define RIGHT_16(x) BYTES(x, by_16)
#define RIGHT_63(x) (((x) >> 63) ^ ((x) + (x)))
#include "kernel.h"
#undef BYTES

#define LANES 8
#define TARGET "avx512f"
#define NAME(part) part##_8
#define RIGHT_32(x) (vector_8) _mm512_ror_epi64((__m512i)(x), 32)
#define RIGHT_24(x) (vector_8) _mm512_ror_epi64((__m512i)(x), 24)
#define RIGHT_16(x) (vector_8) _mm512_ror_epi64((__m512i)(x), 16)
#define RIGHT_63(x) (vector_8) _mm512_ror_epi64((__m512i)(x), 63)
#include "kernel.h"

int blake2b_lanes(void) {
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f")) return 8;
    return __builtin_cpu_supports("avx2") ? 4 : 0;
}

void blake2b_side_by_side(int lanes, const uint8_t personal[16], const uint8_t *messages, size_t length,
                          uint8_t *digests) {
    if (lanes == 8)
        digest_8(personal, messages, length, digests);
    else
        digest_4(personal, messages, length, digests);
}
#else
int blake2b_lanes(void) { return 0; }

void blake2b_side_by_side(int lanes, const uint8_t personal[16], const uint8_t *messages, size_t length,
                          uint8_t *digests) {
    (void)lanes, (void)personal, (void)messages, (void)length, (void)digests;
    __builtin_trap();
}
#endif
