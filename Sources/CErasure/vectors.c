// The kernels. Rows are taken in groups whose sums stay in registers; within a group each input vector is loaded once.
#include "CErasure.h"
#include "field.h"

enum { COLUMNS_MAX = 255, GROUP = 4 };

/// What one group of rows multiplies with: for each coefficient the products of its low and its high four bits, or the
/// bit matrix that multiplies by it.
struct group {
    int rows, columns;
    uint8_t nibbles[GROUP][COLUMNS_MAX][32];
    uint64_t bits[GROUP][COLUMNS_MAX];
};

/// The bit matrix of "times factor": row i of the matrix, which makes output bit i, is byte 7 - i of the word, and its
/// bit j says whether input bit j counts.
static uint64_t bit_matrix(uint8_t factor) {
    uint64_t matrix = 0;
    for (int in = 0; in < 8; in++) {
        uint8_t column = field_product(factor, (uint8_t)(1u << in));
        for (int out = 0; out < 8; out++)
            if (column >> out & 1) matrix |= (uint64_t)1 << (8 * (7 - out) + in);
    }
    return matrix;
}

static void prepare(struct group *group, const uint8_t *matrix, int rows, int columns) {
    group->rows = rows;
    group->columns = columns;
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < columns; c++) {
            uint8_t factor = matrix[r * columns + c];
            for (int n = 0; n < 16; n++) {
                group->nibbles[r][c][n] = field_product(factor, (uint8_t)n);
                group->nibbles[r][c][16 + n] = field_product(factor, (uint8_t)(n << 4));
            }
            group->bits[r][c] = bit_matrix(factor);
        }
}

static void combine_scalar(const struct group *group, const uint8_t *input, size_t input_stride, uint8_t *output,
                           size_t output_stride, size_t first, size_t width) {
    for (int r = 0; r < group->rows; r++)
        for (size_t x = first; x < width; x++) {
            uint8_t sum = 0;
            for (int c = 0; c < group->columns; c++) {
                uint8_t value = input[(size_t)c * input_stride + x];
                sum ^= group->nibbles[r][c][value & 15] ^ group->nibbles[r][c][16 + (value >> 4)];
            }
            output[(size_t)r * output_stride + x] = sum;
        }
}

#if defined(__x86_64__)
#include <immintrin.h>

__attribute__((target("avx2"))) static size_t combine_avx2(const struct group *group, const uint8_t *input,
                                                           size_t input_stride, uint8_t *output, size_t output_stride,
                                                           size_t width) {
    const __m256i low = _mm256_set1_epi8(15);
    size_t x = 0;
    for (; x + 32 <= width; x += 32) {
        __m256i sums[GROUP];
        for (int r = 0; r < GROUP; r++) sums[r] = _mm256_setzero_si256();
        for (int c = 0; c < group->columns; c++) {
            __m256i value = _mm256_loadu_si256((const __m256i *)(input + (size_t)c * input_stride + x));
            __m256i lows = _mm256_and_si256(value, low);
            __m256i highs = _mm256_and_si256(_mm256_srli_epi64(value, 4), low);
            for (int r = 0; r < GROUP; r++) {
                const __m128i *table = (const __m128i *)group->nibbles[r][c];
                __m256i left = _mm256_broadcastsi128_si256(_mm_loadu_si128(table));
                __m256i right = _mm256_broadcastsi128_si256(_mm_loadu_si128(table + 1));
                sums[r] = _mm256_xor_si256(sums[r], _mm256_xor_si256(_mm256_shuffle_epi8(left, lows),
                                                                     _mm256_shuffle_epi8(right, highs)));
            }
        }
        for (int r = 0; r < group->rows; r++)
            _mm256_storeu_si256((__m256i *)(output + (size_t)r * output_stride + x), sums[r]);
    }
    return x;
}

__attribute__((target("avx512f,avx512bw,gfni"))) static size_t combine_gfni(const struct group *group,
                                                                            const uint8_t *input, size_t input_stride,
                                                                            uint8_t *output, size_t output_stride,
                                                                            size_t width) {
    size_t x = 0;
    for (; x + 64 <= width; x += 64) {
        __m512i sums[GROUP];
        for (int r = 0; r < GROUP; r++) sums[r] = _mm512_setzero_si512();
        for (int c = 0; c < group->columns; c++) {
            __m512i value = _mm512_loadu_si512(input + (size_t)c * input_stride + x);
            for (int r = 0; r < GROUP; r++)
                sums[r] = _mm512_xor_si512(
                    sums[r],
                    _mm512_gf2p8affine_epi64_epi8(value, _mm512_set1_epi64((long long)group->bits[r][c]), 0));
        }
        for (int r = 0; r < group->rows; r++)
            _mm512_storeu_si512(output + (size_t)r * output_stride + x, sums[r]);
    }
    return x;
}

int erasure_best_level(void) {
    __builtin_cpu_init();
    if (__builtin_cpu_supports("gfni") && __builtin_cpu_supports("avx512bw")) return ERASURE_GFNI;
    return __builtin_cpu_supports("avx2") ? ERASURE_AVX2 : ERASURE_SCALAR;
}
#else
int erasure_best_level(void) { return ERASURE_SCALAR; }
#endif

void erasure_combine(int level, const uint8_t *matrix, int rows, int columns, const uint8_t *input, size_t input_stride,
                     uint8_t *output, size_t output_stride, size_t width) {
    for (int first = 0; first < rows; first += GROUP) {
        // The unused rows of a last, smaller group are zero, so that its loop is the same.
        struct group group = {0};
        prepare(&group, matrix + first * columns, rows - first < GROUP ? rows - first : GROUP, columns);
        uint8_t *place = output + (size_t)first * output_stride;
        size_t done = 0;
#if defined(__x86_64__)
        if (level >= ERASURE_GFNI)
            done = combine_gfni(&group, input, input_stride, place, output_stride, width);
        else if (level >= ERASURE_AVX2)
            done = combine_avx2(&group, input, input_stride, place, output_stride, width);
#endif
        combine_scalar(&group, input, input_stride, place, output_stride, done, width);
    }
}
