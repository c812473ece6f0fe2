#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/timex.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

_Static_assert(sizeof(struct in6_addr) == 16, "an address is sixteen bytes");

static int result(int value) { return value < 0 ? -errno : value; }

// Closes what a failed step leaves behind and keeps that step's errno.
static int fail(int fd) {
    int error = errno;
    close(fd);
    return -error;
}

// --- epoll ---

static uint32_t to_epoll(uint32_t readiness) {
    uint32_t events = 0;
    // A half-close is something to read; who does not read now must not be woken by it again and again.
    if (readiness & CLINUX_READABLE) events |= EPOLLIN | EPOLLRDHUP;
    if (readiness & CLINUX_WRITABLE) events |= EPOLLOUT;
    return events;
}

static int epoll_change(int epoll, int operation, int fd, uint32_t readiness, uint64_t token) {
    struct epoll_event event = {.events = to_epoll(readiness), .data.u64 = token};
    return result(epoll_ctl(epoll, operation, fd, &event));
}

int clinux_epoll_create(void) { return result(epoll_create1(EPOLL_CLOEXEC)); }

int clinux_epoll_add(int epoll, int fd, uint32_t readiness, uint64_t token) {
    return epoll_change(epoll, EPOLL_CTL_ADD, fd, readiness, token);
}

int clinux_epoll_modify(int epoll, int fd, uint32_t readiness, uint64_t token) {
    return epoll_change(epoll, EPOLL_CTL_MOD, fd, readiness, token);
}

int clinux_epoll_remove(int epoll, int fd) { return result(epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL)); }

static int milliseconds(int64_t timeout_ns) {
    if (timeout_ns < 0) return -1;
    int64_t rounded = timeout_ns / 1000000 + (timeout_ns % 1000000 != 0);
    return rounded > 3600000 ? 3600000 : (int)rounded;
}

int clinux_epoll_wait(int epoll, struct clinux_event *events, int capacity, int64_t timeout_ns) {
    struct epoll_event ready[CLINUX_BATCH_MAX];
    if (capacity > CLINUX_BATCH_MAX) capacity = CLINUX_BATCH_MAX;
    int count = epoll_wait(epoll, ready, capacity, milliseconds(timeout_ns));
    if (count < 0) return errno == EINTR ? 0 : -errno;
    for (int i = 0; i < count; i++) {
        uint32_t flags = ready[i].events;
        events[i].token = ready[i].data.u64;
        events[i].readiness = 0;
        if (flags & (EPOLLIN | EPOLLRDHUP)) events[i].readiness |= CLINUX_READABLE;
        if (flags & EPOLLOUT) events[i].readiness |= CLINUX_WRITABLE;
        if (flags & (EPOLLHUP | EPOLLERR)) events[i].readiness |= CLINUX_HANGUP;
    }
    return count;
}

// --- wake-ups and signals ---

int clinux_eventfd(void) { return result(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)); }
int clinux_eventfd_blocking(void) { return result(eventfd(0, EFD_CLOEXEC)); }

int clinux_eventfd_signal(int fd) {
    uint64_t one = 1;
    ssize_t written;
    do written = write(fd, &one, sizeof one);
    while (written < 0 && errno == EINTR);
    // A counter that is full is a counter that is signalled.
    return written < 0 && errno != EAGAIN ? -errno : 0;
}

int64_t clinux_eventfd_take(int fd) {
    uint64_t value = 0;
    ssize_t count;
    do count = read(fd, &value, sizeof value);
    while (count < 0 && errno == EINTR);
    if (count < 0) return errno == EAGAIN ? 0 : -errno;
    return value > INT64_MAX ? INT64_MAX : (int64_t)value;
}

int clinux_signalfd(const int *signals, size_t count) {
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < count; i++) sigaddset(&set, signals[i]);
    int error = pthread_sigmask(SIG_BLOCK, &set, NULL);
    if (error) return -error;
    return result(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

int clinux_signalfd_take(int fd) {
    struct signalfd_siginfo info;
    ssize_t count = read(fd, &info, sizeof info);
    if (count < 0) return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    return count == sizeof info ? (int)info.ssi_signo : 0;
}

int clinux_ignore_sigpipe(void) {
    struct sigaction action = {.sa_handler = SIG_IGN};
    return result(sigaction(SIGPIPE, &action, NULL));
}

// --- addresses ---

static const uint8_t mapped_prefix[12] = {[10] = 0xff, [11] = 0xff};

static int is_mapped(const struct clinux_address *address) { return !memcmp(address->ip, mapped_prefix, 12); }

static socklen_t to_kernel(const struct clinux_address *address, struct sockaddr_storage *storage) {
    memset(storage, 0, sizeof *storage);
    if (is_mapped(address)) {
        struct sockaddr_in *four = (struct sockaddr_in *)storage;
        four->sin_family = AF_INET;
        four->sin_port = htons(address->port);
        memcpy(&four->sin_addr, address->ip + 12, 4);
        return sizeof *four;
    }
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)storage;
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(address->port);
    six->sin6_scope_id = address->scope;
    memcpy(&six->sin6_addr, address->ip, 16);
    return sizeof *six;
}

static void from_kernel(const struct sockaddr_storage *storage, struct clinux_address *address) {
    memset(address, 0, sizeof *address);
    if (storage->ss_family == AF_INET) {
        const struct sockaddr_in *four = (const struct sockaddr_in *)storage;
        memcpy(address->ip, mapped_prefix, 12);
        memcpy(address->ip + 12, &four->sin_addr, 4);
        address->port = ntohs(four->sin_port);
    } else if (storage->ss_family == AF_INET6) {
        const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)storage;
        memcpy(address->ip, &six->sin6_addr, 16);
        address->port = ntohs(six->sin6_port);
        address->scope = six->sin6_scope_id;
    }
}

static int ip_socket(const struct clinux_address *address, int type) {
    int family = is_mapped(address) ? AF_INET : AF_INET6;
    int fd = socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -errno;
    int on = 1;
    if (family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) < 0) return fail(fd);
    return fd;
}

static int bind_to(int fd, const struct clinux_address *address) {
    struct sockaddr_storage storage;
    socklen_t length = to_kernel(address, &storage);
    return bind(fd, (struct sockaddr *)&storage, length);
}

// --- datagrams ---

int clinux_udp_source(const struct clinux_address *peer, struct clinux_address *source) {
    int fd = ip_socket(peer, SOCK_DGRAM);
    if (fd < 0) return fd;
    struct sockaddr_storage storage;
    socklen_t length = to_kernel(peer, &storage);
    if (connect(fd, (struct sockaddr *)&storage, length) < 0) return fail(fd);
    int result = clinux_local_address(fd, source);
    close(fd);
    return result;
}

int clinux_udp_bind(const struct clinux_address *address, int buffer_bytes) {
    int fd = ip_socket(address, SOCK_DGRAM);
    if (fd < 0) return fd;
    // The kernel clamps these to its own maximum; a smaller buffer only drops sooner.
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof buffer_bytes);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer_bytes, sizeof buffer_bytes);
    if (bind_to(fd, address) < 0) return fail(fd);
    return fd;
}

int clinux_udp_receive(int fd, uint8_t *buffer, size_t stride, struct clinux_datagram *datagrams, size_t count) {
    struct mmsghdr messages[CLINUX_BATCH_MAX];
    struct iovec parts[CLINUX_BATCH_MAX];
    struct sockaddr_storage peers[CLINUX_BATCH_MAX];
    if (count > CLINUX_BATCH_MAX) count = CLINUX_BATCH_MAX;
    memset(messages, 0, count * sizeof *messages);
    for (size_t i = 0; i < count; i++) {
        parts[i] = (struct iovec){buffer + i * stride, stride};
        messages[i].msg_hdr.msg_iov = &parts[i];
        messages[i].msg_hdr.msg_iovlen = 1;
        messages[i].msg_hdr.msg_name = &peers[i];
        messages[i].msg_hdr.msg_namelen = sizeof peers[i];
    }
    int received = recvmmsg(fd, messages, (unsigned)count, MSG_DONTWAIT, NULL);
    if (received < 0) return -errno;
    for (int i = 0; i < received; i++) {
        from_kernel(&peers[i], &datagrams[i].peer);
        datagrams[i].offset = (size_t)i * stride;
        datagrams[i].length = messages[i].msg_len;
        datagrams[i].truncated = (messages[i].msg_hdr.msg_flags & MSG_TRUNC) != 0;
    }
    return received;
}

int clinux_udp_send(int fd, const uint8_t *buffer, const struct clinux_datagram *datagrams, size_t count) {
    struct mmsghdr messages[CLINUX_BATCH_MAX];
    struct iovec parts[CLINUX_BATCH_MAX];
    struct sockaddr_storage peers[CLINUX_BATCH_MAX];
    if (count > CLINUX_BATCH_MAX) count = CLINUX_BATCH_MAX;
    memset(messages, 0, count * sizeof *messages);
    for (size_t i = 0; i < count; i++) {
        parts[i] = (struct iovec){(void *)(buffer + datagrams[i].offset), datagrams[i].length};
        messages[i].msg_hdr.msg_iov = &parts[i];
        messages[i].msg_hdr.msg_iovlen = 1;
        messages[i].msg_hdr.msg_name = &peers[i];
        messages[i].msg_hdr.msg_namelen = to_kernel(&datagrams[i].peer, &peers[i]);
    }
    return result(sendmmsg(fd, messages, (unsigned)count, MSG_DONTWAIT | MSG_NOSIGNAL));
}

// --- streams ---

int clinux_tcp_listen(const struct clinux_address *address, int backlog) {
    int fd = ip_socket(address, SOCK_STREAM);
    if (fd < 0) return fd;
    int on = 1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0) return fail(fd);
    if (bind_to(fd, address) < 0 || listen(fd, backlog) < 0) return fail(fd);
    return fd;
}

static void no_delay(int fd) {
    int on = 1;
    // Refused by sockets that are not TCP, where there is nothing to delay.
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

int clinux_tcp_unsent_limit(int fd, int bytes) {
    return setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes, sizeof bytes) < 0 ? -errno : 0;
}

int clinux_tcp_connect(const struct clinux_address *address, const struct clinux_address *source) {
    int fd = ip_socket(address, SOCK_STREAM);
    if (fd < 0) return fd;
    no_delay(fd);
    if (source) {
        int on = 1;
        // The port is chosen when the destination is known, so that one port serves many destinations.
        setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
        if (bind_to(fd, source) < 0) return fail(fd);
    }
    struct sockaddr_storage storage;
    socklen_t length = to_kernel(address, &storage);
    if (connect(fd, (struct sockaddr *)&storage, length) < 0 && errno != EINPROGRESS) return fail(fd);
    return fd;
}

// Fills `name` with the path, or with a short way to it through an open directory, which the caller closes.
static int unix_name(const char *path, struct sockaddr_un *name, int *directory) {
    *directory = -1;
    memset(name, 0, sizeof *name);
    name->sun_family = AF_UNIX;
    size_t length = strlen(path);
    if (length < sizeof name->sun_path) {
        memcpy(name->sun_path, path, length);
        return 0;
    }
    const char *slash = strrchr(path, '/');
    char parent[4096];
    if (!slash || slash == path || (size_t)(slash - path) >= sizeof parent) return -ENAMETOOLONG;
    memcpy(parent, path, (size_t)(slash - path));
    parent[slash - path] = 0;
    *directory = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (*directory < 0) return -errno;
    int written = snprintf(name->sun_path, sizeof name->sun_path, "/proc/self/fd/%d%s", *directory, slash);
    if (written > 0 && (size_t)written < sizeof name->sun_path) return 0;
    close(*directory);
    return -ENAMETOOLONG;
}

int clinux_unix_listen(const char *path, int backlog) {
    struct sockaddr_un name;
    int directory;
    int error = unix_name(path, &name, &directory);
    if (error) return error;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        fd = -errno;
    } else if (fchmod(fd, S_IRUSR | S_IWUSR) < 0 || bind(fd, (struct sockaddr *)&name, sizeof name) < 0 ||
               listen(fd, backlog) < 0) {
        fd = fail(fd);
    }
    if (directory >= 0) close(directory);
    return fd;
}

int clinux_unix_connect(const char *path) {
    struct sockaddr_un name;
    int directory;
    int error = unix_name(path, &name, &directory);
    if (error) return error;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        fd = -errno;
    } else if (connect(fd, (struct sockaddr *)&name, sizeof name) < 0) {
        fd = fail(fd);
    }
    if (directory >= 0) close(directory);
    return fd;
}

int clinux_accept(int fd, struct clinux_address *peer) {
    struct sockaddr_storage storage = {0};
    socklen_t length = sizeof storage;
    int accepted = accept4(fd, (struct sockaddr *)&storage, &length, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (accepted < 0) return -errno;
    from_kernel(&storage, peer);
    if (storage.ss_family != AF_UNIX) no_delay(accepted);
    return accepted;
}

int clinux_local_address(int fd, struct clinux_address *address) {
    struct sockaddr_storage storage = {0};
    socklen_t length = sizeof storage;
    if (getsockname(fd, (struct sockaddr *)&storage, &length) < 0) return -errno;
    from_kernel(&storage, address);
    return 0;
}

int clinux_socket_error(int fd) {
    int error = 0;
    socklen_t length = sizeof error;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0) return -errno;
    return -error;
}

int clinux_peer_user(int fd, uint32_t *user) {
    struct ucred credentials;
    socklen_t length = sizeof credentials;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length) < 0) return -errno;
    *user = credentials.uid;
    return 0;
}

int64_t clinux_read(int fd, uint8_t *buffer, size_t count) {
    ssize_t done = read(fd, buffer, count);
    return done < 0 ? -errno : done;
}

int64_t clinux_send(int fd, const uint8_t *buffer, size_t count) {
    ssize_t done = send(fd, buffer, count, MSG_DONTWAIT | MSG_NOSIGNAL);
    return done < 0 ? -errno : done;
}

int64_t clinux_write_at_once(int fd, const uint8_t *buffer, size_t count) {
    ssize_t done = send(fd, buffer, count, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (done < 0 && errno == ENOTSOCK) {
        // A pipe that says it is writable has room for PIPE_BUF bytes; a terminal that was stopped does not say so.
        struct pollfd one = {.fd = fd, .events = POLLOUT};
        if (poll(&one, 1, 0) <= 0 || !(one.revents & POLLOUT)) return -EAGAIN;
        done = write(fd, buffer, count);
    }
    return done < 0 ? -errno : done;
}

int clinux_shutdown_write(int fd) { return result(shutdown(fd, SHUT_WR)); }

int clinux_poll_one(int fd, uint32_t readiness, int64_t timeout_ns) {
    struct pollfd one = {.fd = fd};
    if (readiness & CLINUX_READABLE) one.events |= POLLIN;
    if (readiness & CLINUX_WRITABLE) one.events |= POLLOUT;
    int count = poll(&one, 1, milliseconds(timeout_ns));
    return count < 0 ? (errno == EINTR ? 0 : -errno) : count;
}

// --- the rest ---

int clinux_name_thread(const char *name) { return -pthread_setname_np(pthread_self(), name); }

int clinux_give_back_blocks(int bytes) { return mallopt(M_MMAP_THRESHOLD, bytes); }

int64_t clinux_clock_error(void) {
    struct timex facts = {0};
    int state = adjtimex(&facts);
    return state < 0 || state == TIME_ERROR ? -1 : facts.maxerror;
}

int clinux_random(uint8_t *buffer, size_t count) {
    while (count > 0) {
        ssize_t got = getrandom(buffer, count, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return -errno;
        buffer += got;
        count -= (size_t)got;
    }
    return 0;
}

int clinux_pipe(int descriptors[2]) { return result(pipe2(descriptors, O_CLOEXEC)); }

int clinux_open_locked(const char *path) {
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return -errno;
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) return fail(fd);
    return fd;
}
