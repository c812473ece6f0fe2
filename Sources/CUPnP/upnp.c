#include "CUPnP.h"
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

// What is needed of the library's own declarations, which have not changed between its versions 2.0 and 2.2.
struct device {
    struct device *next;
    char *description;
};

struct service {
    char control[128], events[128], scpd[128], type[128];
};

struct router_data {
    char element[128], base[128], presentation[128];
    int level;
    struct service common, first, second, firewall, scratch;
};

struct router_urls {
    char *control, *description, *control_common, *control_firewall, *root;
};

static struct device *(*discover)(int delay, const char *interface, const char *daemon, int port, int ipv6,
                                  unsigned char ttl, int *error);
static void (*free_devices)(struct device *devices);
static int (*describe)(const char *url, struct router_urls *urls, struct router_data *data, char *local, int length);
static void (*free_urls)(struct router_urls *urls);
static int (*external_address)(const char *control, const char *service, char *address);
static int (*add)(const char *control, const char *service, const char *outside, const char *inside,
                  const char *client, const char *name, const char *protocol, const char *remote, const char *lease);
static int (*delete)(const char *control, const char *service, const char *outside, const char *protocol,
                     const char *remote);

static void look(void) {
    void *library = dlopen("libminiupnpc.so.17", RTLD_NOW | RTLD_LOCAL);
    if (!library) library = dlopen("libminiupnpc.so.18", RTLD_NOW | RTLD_LOCAL);
    if (!library) return;
    // ISO C has no cast from a data pointer to a function; POSIX promises this one.
    *(void **)&discover = dlsym(library, "upnpDiscover");
    *(void **)&free_devices = dlsym(library, "freeUPNPDevlist");
    *(void **)&describe = dlsym(library, "UPNP_GetIGDFromUrl");
    *(void **)&free_urls = dlsym(library, "FreeUPNPUrls");
    *(void **)&external_address = dlsym(library, "UPNP_GetExternalIPAddress");
    *(void **)&add = dlsym(library, "UPNP_AddPortMapping");
    *(void **)&delete = dlsym(library, "UPNP_DeletePortMapping");
}

_Bool cupnp_present(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, look);
    return discover && free_devices && describe && free_urls && external_address && add && delete;
}

// Whether a URL leads to the router: `http://ADDRESS` and then a port or a path.
static int is_at(const char *url, const char *gateway) {
    char start[32];
    int length = snprintf(start, sizeof start, "http://%s", gateway);
    if (!url || length < 0 || (size_t)length >= sizeof start || strncmp(url, start, (size_t)length)) return 0;
    return url[length] == ':' || url[length] == '/';
}

int cupnp_describe(const char *description, const char *gateway, struct cupnp_router *router) {
    if (!cupnp_present()) return CUPNP_NO_LIBRARY;
    if (!is_at(description, gateway)) return CUPNP_SILENT;
    struct router_urls urls = {0};
    struct router_data data = {0};
    char local[64] = "";
    if (describe(description, &urls, &data, local, sizeof local) != 1) return CUPNP_SILENT;
    size_t length = urls.control ? strlen(urls.control) : sizeof router->control;
    data.first.type[sizeof data.first.type - 1] = 0;
    int usable = is_at(urls.control, gateway) && length < sizeof router->control && data.first.type[0];
    if (usable) {
        memcpy(router->control, urls.control, length + 1);
        memcpy(router->service, data.first.type, sizeof router->service);
    }
    free_urls(&urls);
    return usable ? CUPNP_DONE : CUPNP_SILENT;
}

int cupnp_find(const char *local, const char *gateway, struct cupnp_router *router) {
    if (!cupnp_present()) return CUPNP_NO_LIBRARY;
    int error = 0, result = CUPNP_SILENT, left = 8;
    // Time to live 2, as UPnP wants; port 0: any, for nobody is to answer to a well-known one.
    struct device *devices = discover(2000, local, NULL, 0, 0, 2, &error);
    for (struct device *device = devices; device && result && left > 0; device = device->next) {
        if (!is_at(device->description, gateway)) continue;
        left--;
        result = cupnp_describe(device->description, gateway, router);
    }
    if (devices) free_devices(devices);
    return result;
}

static int meaning(int error) {
    switch (error) {
    case 0: return CUPNP_DONE;
    case 606: return CUPNP_NOT_AUTHORIZED;
    case 718: return CUPNP_TAKEN;
    default: return error < 0 ? CUPNP_SILENT : CUPNP_REFUSED;
    }
}

static int map_one(const struct cupnp_router *router, const char *local, const char *inside, const char *outside,
                   const char *lease, const char *protocol) {
    int error = add(router->control, router->service, outside, inside, local, "cairn", protocol, NULL, lease);
    // 725: it gives mappings for ever only. Ours is taken away when the node ends.
    if (error == 725) {
        error = add(router->control, router->service, outside, inside, local, "cairn", protocol, NULL, "0");
    }
    return error;
}

int cupnp_map(const struct cupnp_router *router, const char *local, uint16_t inside, uint16_t outside, uint32_t seconds,
              char address[16]) {
    if (!cupnp_present()) return CUPNP_NO_LIBRARY;
    char from[8], to[8], lease[16];
    snprintf(from, sizeof from, "%u", (unsigned)outside);
    snprintf(to, sizeof to, "%u", (unsigned)inside);
    snprintf(lease, sizeof lease, "%u", (unsigned)seconds);
    // The library writes at most sixteen bytes.
    char own[64] = "";
    int error = external_address(router->control, router->service, own);
    if (error) return meaning(error);
    if (!own[0]) return CUPNP_UNCONNECTED;
    error = map_one(router, local, to, from, lease, "TCP");
    if (error) return meaning(error);
    error = map_one(router, local, to, from, lease, "UDP");
    if (error) {
        delete(router->control, router->service, from, "TCP", NULL);
        return meaning(error);
    }
    own[15] = 0;
    memcpy(address, own, 16);
    return CUPNP_DONE;
}

int cupnp_unmap(const struct cupnp_router *router, uint16_t outside) {
    if (!cupnp_present()) return CUPNP_NO_LIBRARY;
    char from[8];
    snprintf(from, sizeof from, "%u", (unsigned)outside);
    int tcp = delete(router->control, router->service, from, "TCP", NULL);
    int udp = delete(router->control, router->service, from, "UDP", NULL);
    return meaning(tcp ? tcp : udp);
}
