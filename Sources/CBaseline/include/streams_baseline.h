// What a sealed connection is measured against: its cipher, its key agreement, and a bare TCP connection.
#ifndef CBASELINE_STREAMS_H
#define CBASELINE_STREAMS_H

#include <stddef.h>
#include <stdint.h>

/// Seals and opens `length` bytes with ChaCha20-Poly1305 `count` times. Returns how many opened.
size_t baseline_seal_and_open(const uint8_t *plain, size_t length, size_t count);

/// What the two ends of a Noise XX handshake between Ed25519 identities cannot do without, `count` times: two fresh
/// keys, six agreements, two signatures checked. Returns how many went well.
size_t baseline_set_up(size_t count);

/// A pair of connected TCP sockets on loopback; 0 or a negative errno.
int baseline_tcp_pair(int sockets[2]);

/// Sends `total` bytes from one socket to the other in pieces of `piece`, on this thread. Returns how many arrived.
size_t baseline_tcp_copy(const int sockets[2], size_t total, size_t piece);

/// Sends `length` bytes to and fro once, on this thread; 0 when they came back.
int baseline_tcp_round_trip(const int sockets[2], size_t length);

/// Starts a link of so many bits per second, each way, to a port on loopback: it accepts one connection, carries it with
/// two threads and little memory, and ends with it. Returns the port it listens on, or a negative errno.
int baseline_shaped_link(int target_port, long bits_per_second);

/// Bytes of this process that are in memory.
size_t baseline_resident(void);

#endif
