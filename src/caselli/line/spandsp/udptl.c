#include "udptl.h"

#include <string.h>

enum {
    NEAR = 2048, /* sequence numbers further off than this belong to something else, until they go on */
    STRAYS_TO_FOLLOW = 8
};

void udptl_start(udptl_state *u, int redundancy, int max_datagram)
{
    memset(u, 0, sizeof(*u));
    u->redundancy = redundancy < 0 ? 0 : redundancy > UDPTL_REDUNDANCY_MOST ? UDPTL_REDUNDANCY_MOST : redundancy;
    u->max_datagram = max_datagram > 0 ? max_datagram : UDPTL_DATAGRAM_ROOM;
    if (u->max_datagram > UDPTL_DATAGRAM_ROOM)
        u->max_datagram = UDPTL_DATAGRAM_ROOM;
    u->expected = -1;
    u->stray_next = -1;
}

/* An open type of PER: its length in one octet below 128, else in two. */
static int write_open_type(uint8_t *to, const udptl_ifp *ifp)
{
    int at = 0;

    if (ifp->length >= 0x80)
        to[at++] = (uint8_t)(0x80 | (ifp->length >> 8));
    to[at++] = (uint8_t)ifp->length;
    memcpy(to + at, ifp->octets, (size_t)ifp->length);
    return at + ifp->length;
}

/* The datagram's length. The peer's limit costs redundancy, never the packet itself: many peers announce the limit of
   something else (T38FaxMaxDatagram). */
int udptl_write(udptl_state *u, const uint8_t *ifp, int length, uint8_t *datagram)
{
    udptl_ifp *mine = &u->recent[u->next_out % (UDPTL_REDUNDANCY_MOST + 1)];
    int at, counted_at, older;

    if (length <= 0 || length > UDPTL_IFP_ROOM)
        return 0;
    mine->length = length;
    memcpy(mine->octets, ifp, (size_t)length);
    datagram[0] = (uint8_t)(u->next_out >> 8);
    datagram[1] = (uint8_t)u->next_out;
    at = 2 + write_open_type(datagram + 2, mine);
    datagram[at++] = 0; /* error recovery by secondary packets */
    counted_at = at++;
    for (older = 1; older <= u->redundancy && older <= u->recent_count; older++) {
        const udptl_ifp *earlier = &u->recent[(uint16_t)(u->next_out - older) % (UDPTL_REDUNDANCY_MOST + 1)];

        if (at + 2 + earlier->length > u->max_datagram)
            break;
        at += write_open_type(datagram + at, earlier);
    }
    datagram[counted_at] = (uint8_t)(older - 1);
    if (u->recent_count < UDPTL_REDUNDANCY_MOST)
        u->recent_count++;
    u->next_out++;
    return at;
}

/* Octets of the open type, -1 if the datagram ends before it does. */
static int read_open_type(const uint8_t *data, int length, int *at)
{
    int size;

    if (*at >= length)
        return -1;
    size = data[(*at)++];
    if (size & 0x80) {
        if ((size & 0x40) || *at >= length)
            return -1; /* fragments of 16 k never fit a datagram of ours */
        size = ((size & 0x3F) << 8) | data[(*at)++];
    }
    if (*at + size > length)
        return -1;
    return size;
}

/* 1 if a packet with this number is in its place (also when late), 0 if it is not to be followed. */
static int in_place(udptl_state *u, int sequence, int distance)
{
    if (distance >= 0 && distance < NEAR) {
        u->stray_count = 0;
        return 1;
    }
    /* A peer may begin anew at 0 after a re-INVITE. What is merely late never comes as so long a run. */
    u->stray_count = sequence == u->stray_next ? u->stray_count + 1 : 1;
    u->stray_next = (sequence + 1) & 0xFFFF;
    if (u->stray_count < STRAYS_TO_FOLLOW)
        return 0;
    u->stray_count = 0;
    u->expected = -1;
    return 1;
}

static void add_slice(udptl_arrival *arrival, const uint8_t *octets, int length)
{
    if (length > 0 && arrival->count < UDPTL_ARRIVALS_MOST) {
        arrival->ifp[arrival->count].octets = octets;
        arrival->ifp[arrival->count].length = length;
        arrival->count++;
    }
}

/* The secondary packets into ``older``, newest first; how many, -1 if malformed. Parity (FEC) is passed over. */
static int read_secondaries(const uint8_t *data, int length, int at, udptl_slice *older)
{
    int count, i, size;

    if (at >= length || (data[at] & 0x80))
        return 0;
    at++;
    if (at >= length)
        return 0;
    count = data[at++];
    if (count >= UDPTL_ARRIVALS_MOST)
        return -1;
    for (i = 0; i < count; i++) {
        size = read_open_type(data, length, &at);
        if (size < 0)
            return -1;
        older[i].octets = data + at;
        older[i].length = size;
        at += size;
    }
    return count;
}

/* 0, or -1 if this is no UDPTL. Slices point into ``data``. */
int udptl_read(udptl_state *u, const uint8_t *data, int length, udptl_arrival *arrival)
{
    udptl_slice older[UDPTL_ARRIVALS_MOST];
    int at = 2, sequence, distance, size, secondaries, first, i;

    arrival->count = 0;
    arrival->lost = 0;
    if (length < 4)
        return -1;
    sequence = (data[0] << 8) | data[1];
    size = read_open_type(data, length, &at);
    if (size < 0)
        return -1;
    secondaries = read_secondaries(data, length, at + size, older);
    if (secondaries < 0)
        return -1;
    distance = u->expected < 0 ? 0 : (int16_t)(uint16_t)(sequence - u->expected);
    if (!in_place(u, sequence, distance))
        return 0;
    if (u->expected < 0)
        distance = sequence < secondaries ? sequence : secondaries;
    first = distance < secondaries ? distance : secondaries;
    arrival->lost = first < distance;
    for (i = first; i > 0; i--)
        add_slice(arrival, older[i - 1].octets, older[i - 1].length);
    add_slice(arrival, data + at, size);
    u->expected = (sequence + 1) & 0xFFFF;
    return 0;
}
