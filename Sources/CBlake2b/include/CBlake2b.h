// BLAKE2b-256 (RFC 7693) of many messages of one length, side by side in the processor's vectors.
#ifndef CBLAKE2B_H
#define CBLAKE2B_H

#include <stddef.h>
#include <stdint.h>

/// How many messages this processor's vectors take side by side: 8, 4, or 0 where there is no way for it here.
int blake2b_lanes(void);

/// The 32-byte digests, end to end, of `lanes` messages that lie end to end, each of `length` bytes: no key, no salt,
/// `personal` as personalisation. `lanes` is 4 or 8, and at most `blake2b_lanes()`: a
/// processor that takes eight takes four.
void blake2b_side_by_side(int lanes, const uint8_t personal[16], const uint8_t *messages, size_t length,
                          uint8_t *digests);

#endif
