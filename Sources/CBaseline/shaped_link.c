#include "streams_baseline.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

// What the link takes off its senders at a time, and keeps in the kernel on either side: a few packets, as a modem does.
enum { PACKET = 1448, KERNEL_BUFFER = 4096 };

struct direction {
    int from, to;
    long bits_per_second;
};

struct link {
    int listener, target_port;
    long bits_per_second;
};

static int64_t nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

// A packet arrives when all packets before it have had their time on the wire, and so has it.
static void *carry(void *argument) {
    struct direction *direction = argument;
    char bytes[PACKET];
    int64_t free_at = 0;
    for (;;) {
        ssize_t count = recv(direction->from, bytes, sizeof bytes, 0);
        if (count <= 0) break;
        int64_t now = nanoseconds();
        free_at = (free_at > now ? free_at : now) + count * 8 * 1000000000LL / direction->bits_per_second;
        struct timespec until = {free_at / 1000000000LL, free_at % 1000000000LL};
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {}
        if (send(direction->to, bytes, (size_t)count, MSG_NOSIGNAL) != count) break;
    }
    shutdown(direction->from, SHUT_RDWR);
    shutdown(direction->to, SHUT_RDWR);
    return NULL;
}

static void small_and_quick(int socket) {
    int size = KERNEL_BUFFER, on = 1;
    setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static struct sockaddr_in loopback(int port) {
    return (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void *serve(void *argument) {
    struct link link = *(struct link *)argument;
    free(argument);
    struct sockaddr_in target = loopback(link.target_port);
    int near = accept4(link.listener, NULL, NULL, SOCK_CLOEXEC);
    int far = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    small_and_quick(near);
    small_and_quick(far);
    if (connect(far, (struct sockaddr *)&target, sizeof target) == 0) {
        struct direction forth = {near, far, link.bits_per_second}, back = {far, near, link.bits_per_second};
        pthread_t thread;
        if (pthread_create(&thread, NULL, carry, &back) == 0) {
            carry(&forth);
            pthread_join(thread, NULL);
        }
    }
    close(near);
    close(far);
    close(link.listener);
    return NULL;
}

int baseline_shaped_link(int target_port, long bits_per_second) {
    struct link *link = malloc(sizeof *link);
    struct sockaddr_in address = loopback(0);
    socklen_t length = sizeof address;
    pthread_t thread;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (!link || listener < 0) return -ENOMEM;
    small_and_quick(listener);
    if (bind(listener, (struct sockaddr *)&address, length) < 0 || listen(listener, 1) < 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) < 0) {
        return -errno;
    }
    *link = (struct link){listener, target_port, bits_per_second};
    int error = pthread_create(&thread, NULL, serve, link);
    if (error) return -error;
    pthread_detach(thread);
    return ntohs(address.sin_port);
}

size_t baseline_resident(void) {
    unsigned long total = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file) return 0;
    int fields = fscanf(file, "%lu %lu", &total, &resident);
    fclose(file);
    return fields == 2 ? resident * (size_t)sysconf(_SC_PAGESIZE) : 0;
}
