/* UDPTL (ITU-T T.38 clause 9): IFP packets in datagrams, with the last ones repeated against loss. */
#ifndef CASELLI_UDPTL_H
#define CASELLI_UDPTL_H

#include <stdint.h>

enum {
    UDPTL_DATAGRAM_ROOM = 1500,
    UDPTL_IFP_ROOM = 400,
    UDPTL_REDUNDANCY_MOST = 7,
    UDPTL_ARRIVALS_MOST = 32
};

typedef struct {
    int length;
    uint8_t octets[UDPTL_IFP_ROOM];
} udptl_ifp;

typedef struct {
    uint16_t next_out;
    int redundancy;
    int max_datagram;
    int recent_count;
    udptl_ifp recent[UDPTL_REDUNDANCY_MOST + 1]; /* by sequence number, modulo its room */
    int repeats; /* of the last datagram, still to be sent */

    int expected; /* next sequence number from the far end, -1 before its first */
    int stray_next; /* where a run of out-of-place sequence numbers would go on */
    int stray_count;
} udptl_state;

typedef struct {
    const uint8_t *octets;
    int length;
} udptl_slice;

/* What one datagram brought that was new, oldest first; ``lost``: something is missing before it. */
typedef struct {
    int count;
    int lost;
    udptl_slice ifp[UDPTL_ARRIVALS_MOST];
} udptl_arrival;

void udptl_start(udptl_state *u, int redundancy, int max_datagram);
int udptl_write(udptl_state *u, const uint8_t *ifp, int length, uint8_t *datagram);
int udptl_read(udptl_state *u, const uint8_t *datagram, int length, udptl_arrival *arrival);

#endif
