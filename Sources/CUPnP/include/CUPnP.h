// Port mapping by UPnP with libminiupnpc, looked for when it is first asked for; a machine without it loses nothing else.
//
// Every call but the first blocks for as long as a network takes: seconds. Only the router at the named address is spoken
// to; a description or a service elsewhere is left alone, whoever names it.
#ifndef CAIRN_CUPNP_H
#define CAIRN_CUPNP_H

#include <stdint.h>

// Where a router takes its orders.
struct cupnp_router {
    char control[256];
    char service[128];
};

enum cupnp_result {
    CUPNP_DONE = 0,
    CUPNP_NO_LIBRARY = 1,
    // Nobody answered, or not at the router's address.
    CUPNP_SILENT = 2,
    CUPNP_NOT_AUTHORIZED = 3,
    // Somebody else has the port.
    CUPNP_TAKEN = 4,
    CUPNP_REFUSED = 5,
    // The router has no address itself.
    CUPNP_UNCONNECTED = 6,
};

_Bool cupnp_present(void);

// Looks for the router `gateway` (dotted) on the network of the address `local`, for two seconds.
int cupnp_find(const char *local, const char *gateway, struct cupnp_router *router);
// The same with the address of the description already known.
int cupnp_describe(const char *description, const char *gateway, struct cupnp_router *router);
// Maps TCP and UDP, both or none, and says the router's address.
int cupnp_map(const struct cupnp_router *router, const char *local, uint16_t inside, uint16_t outside, uint32_t seconds,
              char address[16]);
int cupnp_unmap(const struct cupnp_router *router, uint16_t outside);

#endif
