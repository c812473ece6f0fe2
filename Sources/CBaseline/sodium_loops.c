#include "CBaseline.h"

#include <sodium.h>

size_t baseline_verify(const uint8_t signature[64], const uint8_t *message, size_t length, const uint8_t key[32],
                       size_t count) {
    size_t good = 0;
    for (size_t i = 0; i < count; i++) {
        good += crypto_sign_ed25519_verify_detached(signature, message, length, key) == 0;
    }
    return good;
}

uint8_t baseline_blake2b(const uint8_t *bytes, size_t length, size_t count) {
    uint8_t digest[32] = {0};
    uint8_t salt[16] = {0};
    uint8_t tag[16] = "cn/bench";
    uint8_t mixed = 0;
    for (size_t i = 0; i < count; i++) {
        crypto_generichash_blake2b_salt_personal(digest, sizeof digest, bytes, length, NULL, 0, salt, tag);
        mixed ^= digest[0];
    }
    return mixed;
}

void baseline_keep(uint64_t value) {
    static volatile uint64_t kept;
    kept = value;
}
