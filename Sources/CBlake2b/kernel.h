// The compression of RFC 7693 §3.2 over vectors of LANES words, one word of each message. Included once for each width,
// which says what a vector is and how its words are turned; no guard, on purpose.

typedef uint64_t NAME(vector) __attribute__((vector_size(8 * LANES)));

#define MIX(a, b, c, d, x, y)                                                                                          \
    do {                                                                                                               \
        v[a] += v[b] + m[x];                                                                                           \
        v[d] = RIGHT_32(v[d] ^ v[a]);                                                                                  \
        v[c] += v[d];                                                                                                  \
        v[b] = RIGHT_24(v[b] ^ v[c]);                                                                                  \
        v[a] += v[b] + m[y];                                                                                           \
        v[d] = RIGHT_16(v[d] ^ v[a]);                                                                                  \
        v[c] += v[d];                                                                                                  \
        v[b] = RIGHT_63(v[b] ^ v[c]);                                                                                  \
    } while (0)

/// Takes one block of each message in; `counted` bytes have been seen with it.
__attribute__((target(TARGET))) static inline void NAME(compress)(NAME(vector) h[8],
                                                                  const uint64_t block[WORDS][LANES],
                                                                  uint64_t counted, _Bool is_last) {
    NAME(vector) v[WORDS], m[WORDS];
    for (int i = 0; i < WORDS; i++) memcpy(&m[i], block[i], sizeof m[i]);
    for (int i = 0; i < 8; i++) {
        v[i] = h[i];
        v[i + 8] = (NAME(vector)){0} + initial[i];
    }
    v[12] ^= counted;
    if (is_last) v[14] = ~v[14];
#pragma clang loop unroll(full)
    for (int r = 0; r < ROUNDS; r++) {
        const uint8_t *s = order[r];
        MIX(0, 4, 8, 12, s[0], s[1]);
        MIX(1, 5, 9, 13, s[2], s[3]);
        MIX(2, 6, 10, 14, s[4], s[5]);
        MIX(3, 7, 11, 15, s[6], s[7]);
        MIX(0, 5, 10, 15, s[8], s[9]);
        MIX(1, 6, 11, 12, s[10], s[11]);
        MIX(2, 7, 8, 13, s[12], s[13]);
        MIX(3, 4, 9, 14, s[14], s[15]);
    }
    for (int i = 0; i < 8; i++) h[i] ^= v[i] ^ v[i + 8];
}

__attribute__((target(TARGET))) static void NAME(digest)(const uint8_t personal[16], const uint8_t *messages,
                                                         size_t length, uint8_t *digests) {
    NAME(vector) h[8];
    uint64_t words[2];
    memcpy(words, personal, sizeof words);
    for (int i = 0; i < 8; i++) h[i] = (NAME(vector)){0} + initial[i];
    // The parameter block: a digest of 32 bytes, no key, one leaf, depth one.
    h[0] ^= 0x01010000 ^ DIGEST;
    h[6] ^= words[0];
    h[7] ^= words[1];
    size_t seen = 0;
    do {
        size_t count = length - seen < BLOCK ? length - seen : BLOCK;
        uint64_t block[WORDS][LANES] = {0};
        for (int lane = 0; lane < LANES; lane++) {
            const uint8_t *from = messages + (size_t)lane * length + seen;
            size_t at = 0;
            for (; at + 8 <= count; at += 8) memcpy(&block[at / 8][lane], from + at, 8);
            if (at < count) memcpy(&block[at / 8][lane], from + at, count - at);
        }
        seen += count;
        NAME(compress)(h, block, seen, seen == length);
    } while (seen < length);
    for (int lane = 0; lane < LANES; lane++)
        for (int i = 0; i < DIGEST / 8; i++) {
            uint64_t word = h[i][lane];
            memcpy(digests + lane * DIGEST + i * 8, &word, 8);
        }
}

#undef MIX
#undef LANES
#undef TARGET
#undef NAME
#undef RIGHT_32
#undef RIGHT_24
#undef RIGHT_16
#undef RIGHT_63
