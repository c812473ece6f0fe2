// The kernel calls that Swift's Glibc module does not show, as plain functions over plain structs.
//
// Every function returns a non-negative result or the negated errno. Descriptors are made close-on-exec and
// non-blocking unless the name says otherwise. Layouts that only the kernel cares about (epoll_event, mmsghdr,
// sockaddr) stay inside CLinux.c.
#ifndef CAIRN_CLINUX_H
#define CAIRN_CLINUX_H

#include <stddef.h>
#include <stdint.h>

// An IP socket address: 16 address bytes (IPv4 as ::ffff:a.b.c.d), port in host order, scope of a link-local address.
struct clinux_address {
    uint8_t ip[16];
    uint16_t port;
    uint32_t scope;
};

// What a descriptor is ready for, or should be watched for.
enum {
    CLINUX_READABLE = 1,
    CLINUX_WRITABLE = 2,
    CLINUX_HANGUP = 4,
};

struct clinux_event {
    uint64_t token;
    uint32_t readiness;
};

int clinux_epoll_create(void);
int clinux_epoll_add(int epoll, int fd, uint32_t readiness, uint64_t token);
int clinux_epoll_modify(int epoll, int fd, uint32_t readiness, uint64_t token);
int clinux_epoll_remove(int epoll, int fd);
// Waits up to `timeout_ns` nanoseconds (negative: for ever), rounded up to a millisecond; an interrupted wait is zero events.
int clinux_epoll_wait(int epoll, struct clinux_event *events, int capacity, int64_t timeout_ns);

int clinux_eventfd(void);
int clinux_eventfd_blocking(void);
int clinux_eventfd_signal(int fd);
// Takes the counter; zero when it was not signalled.
int64_t clinux_eventfd_take(int fd);

// Blocks the signals in the calling thread (and the threads it starts later) and returns a descriptor that reads them.
int clinux_signalfd(const int *signals, size_t count);
// The next pending signal's number, or zero.
int clinux_signalfd_take(int fd);
int clinux_ignore_sigpipe(void);

// From which address datagrams to `peer` would leave. Nothing is sent.
int clinux_udp_source(const struct clinux_address *peer, struct clinux_address *source);
int clinux_udp_bind(const struct clinux_address *address, int buffer_bytes);

// One datagram of a batch: where its bytes are, and whose they are.
struct clinux_datagram {
    struct clinux_address peer;
    size_t offset;
    size_t length;
    int truncated;
};

enum { CLINUX_BATCH_MAX = 64 };

// Receives up to `count` datagrams, each into its own `stride` bytes of `buffer`.
int clinux_udp_receive(int fd, uint8_t *buffer, size_t stride, struct clinux_datagram *datagrams, size_t count);
// Sends up to `count` datagrams out of `buffer`; returns how many the kernel took.
int clinux_udp_send(int fd, const uint8_t *buffer, const struct clinux_datagram *datagrams, size_t count);

int clinux_tcp_listen(const struct clinux_address *address, int backlog);
// Starts connecting; the descriptor turns writable when it is decided, `clinux_socket_error` then tells how.
// From `source`, whose port should be zero, unless that is null.
int clinux_tcp_connect(const struct clinux_address *address, const struct clinux_address *source);
// Writing stops, and the socket is not writable, while more than this waits that has not left the machine.
int clinux_tcp_unsent_limit(int fd, int bytes);
// The socket file gets mode 0600 before it can be seen. Paths longer than sun_path are reached through their directory.
int clinux_unix_listen(const char *path, int backlog);
int clinux_unix_connect(const char *path);
// `peer` is left zero for a unix-domain socket.
int clinux_accept(int fd, struct clinux_address *peer);
int clinux_local_address(int fd, struct clinux_address *address);
int clinux_socket_error(int fd);
int clinux_peer_user(int fd, uint32_t *user);

int64_t clinux_read(int fd, uint8_t *buffer, size_t count);
// Writes without SIGPIPE.
int64_t clinux_send(int fd, const uint8_t *buffer, size_t count);
// Writes to any kind of descriptor, blocking ones too, without waiting: -EAGAIN when there is no room. No more than
// PIPE_BUF (4096) bytes, or a pipe with little room makes it wait after all.
int64_t clinux_write_at_once(int fd, const uint8_t *buffer, size_t count);
int clinux_shutdown_write(int fd);
int clinux_poll_one(int fd, uint32_t readiness, int64_t timeout_ns);

int clinux_name_thread(const char *name);

/// Blocks of at least so many bytes are given back to the kernel when they are freed. 1 if the C library takes it.
int clinux_give_back_blocks(int bytes);

/// Puts large pages under private memory without a name, where a block of 2 MiB is nearly full, the kernel can (Linux 6.1)
/// and nobody forbade them. Looks at so many blocks and says how many have one now. Copies each; other threads wait meanwhile.
int clinux_gather_pages(int blocks_max);
int clinux_random(uint8_t *buffer, size_t count);
int clinux_pipe(int descriptors[2]);
// Opens (making it with mode 0600 when absent) and locks a file; -EWOULDBLOCK when another process holds the lock.
int clinux_open_locked(const char *path);
// How far the kernel's clock may be off, in microseconds; -1 when nothing keeps it right or the kernel does not say.
int64_t clinux_clock_error(void);

#endif
