#include "streams_baseline.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

size_t baseline_seal_and_open(const uint8_t *plain, size_t length, size_t count) {
    uint8_t key[32] = {7};
    uint8_t nonce[12] = {0};
    uint8_t *sealed = malloc(length + 16);
    uint8_t *opened = malloc(length + 1);
    size_t good = 0;
    for (size_t i = 0; sealed && opened && i < count; i++) {
        memcpy(nonce + 4, &i, sizeof i);
        crypto_aead_chacha20poly1305_ietf_encrypt(sealed, NULL, plain, length, NULL, 0, NULL, nonce, key);
        good += crypto_aead_chacha20poly1305_ietf_decrypt(opened, NULL, NULL, sealed, length + 16, NULL, 0, nonce,
                                                          key) == 0;
    }
    free(sealed);
    free(opened);
    return good;
}

size_t baseline_set_up(size_t count) {
    uint8_t public_key[32], secret_key[64], signature[64], message[56] = {1};
    crypto_sign_keypair(public_key, secret_key);
    crypto_sign_detached(signature, NULL, message, sizeof message, secret_key);
    size_t good = 0;
    for (size_t i = 0; i < count; i++) {
        uint8_t ours[2][32], theirs[2][32], shared[32];
        int failed = 0;
        for (int end = 0; end < 2; end++) {
            randombytes_buf(ours[end], 32);
            crypto_scalarmult_base(theirs[end], ours[end]);
        }
        for (int agreement = 0; agreement < 6; agreement++) {
            failed |= crypto_scalarmult(shared, ours[agreement & 1], theirs[~agreement & 1]);
        }
        for (int end = 0; end < 2; end++) {
            failed |= crypto_sign_verify_detached(signature, message, sizeof message, public_key);
        }
        good += failed == 0;
    }
    return good;
}

int baseline_tcp_pair(int sockets[2]) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockets[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockets[1] = -1;
    if (listener >= 0 && sockets[0] >= 0 && bind(listener, (struct sockaddr *)&address, length) == 0 &&
        getsockname(listener, (struct sockaddr *)&address, &length) == 0 && listen(listener, 1) == 0 &&
        connect(sockets[0], (struct sockaddr *)&address, length) == 0) {
        sockets[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    }
    int error = sockets[1] < 0 ? -errno : 0;
    int on = 1;
    for (int end = 0; end < 2 && !error; end++) setsockopt(sockets[end], IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    close(listener);
    return error;
}

size_t baseline_tcp_copy(const int sockets[2], size_t total, size_t piece) {
    uint8_t *bytes = calloc(2, piece);
    size_t arrived = 0;
    size_t sent = 0;
    while (bytes && arrived < total) {
        if (sent < total) {
            ssize_t count = send(sockets[0], bytes, piece, MSG_DONTWAIT | MSG_NOSIGNAL);
            if (count > 0) sent += (size_t)count;
        }
        while (arrived < sent) {
            ssize_t count = recv(sockets[1], bytes + piece, piece, MSG_DONTWAIT);
            if (count <= 0) break;
            arrived += (size_t)count;
        }
    }
    free(bytes);
    return arrived;
}

static int whole(int socket, uint8_t *bytes, size_t length) {
    for (size_t got = 0; got < length;) {
        ssize_t count = recv(socket, bytes + got, length - got, 0);
        if (count <= 0) return -1;
        got += (size_t)count;
    }
    return 0;
}

int baseline_tcp_round_trip(const int sockets[2], size_t length) {
    uint8_t bytes[256] = {0};
    if (length > sizeof bytes) return -1;
    for (int end = 0; end < 2; end++) {
        if (send(sockets[end], bytes, length, MSG_NOSIGNAL) != (ssize_t)length) return -1;
        if (whole(sockets[1 - end], bytes, length) < 0) return -1;
    }
    return 0;
}
