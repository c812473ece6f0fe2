// What the benchmarks are measured against: bare C loops over libsodium, and a count of heap allocations.
#ifndef CBASELINE_H
#define CBASELINE_H

#include <stddef.h>
#include <stdint.h>

#include "streams_baseline.h"

/// Verifies one signature `count` times. Returns how many verified, so that the work cannot be optimised away.
size_t baseline_verify(const uint8_t signature[64], const uint8_t *message, size_t length, const uint8_t key[32],
                       size_t count);

/// Hashes `length` bytes with BLAKE2b-256 `count` times. Returns a byte that depends on every round.
uint8_t baseline_blake2b(const uint8_t *bytes, size_t length, size_t count);

/// Keeps a result alive where the optimiser would otherwise drop the work that made it.
void baseline_keep(uint64_t value);

/// How many times this process has asked the heap for memory so far.
uint64_t baseline_allocations(void);

#endif
