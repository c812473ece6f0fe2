// One multiplication in GF(2^8), polynomial 0x11D, bit by bit: what the tables of the kernels are made with.
#ifndef ERASURE_FIELD_H
#define ERASURE_FIELD_H

#include <stdint.h>

static inline uint8_t field_product(uint8_t left, uint8_t right) {
    unsigned product = 0, power = left;
    for (; right; right >>= 1) {
        if (right & 1) product ^= power;
        power <<= 1;
        if (power & 0x100) power ^= 0x11D;
    }
    return (uint8_t)product;
}

#endif
