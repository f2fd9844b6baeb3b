/* G.711 in RTP (RFC 3550, RFC 3551): 20 ms packets out, packets of any length in, put in order. */
#ifndef CASELLI_RTP_H
#define CASELLI_RTP_H

#include <stdint.h>

enum {
    RTP_HEADER = 12,
    RTP_PCMU = 0,
    RTP_PCMA = 8,
    RTP_PAYLOAD_ROOM = 640, /* 80 ms */
    RTP_HELD_MOST = 16,
    RTP_PACKET_OUT = RTP_HEADER + 160
};

typedef struct {
    int length; /* 0: nothing held here */
    int payload;
    double came;
    uint8_t octets[RTP_PAYLOAD_ROOM];
} rtp_held;

typedef struct {
    int payload;
    uint16_t next_out;
    uint32_t timestamp;
    uint32_t ssrc;
    double send_at;

    int begun;
    uint32_t far_ssrc;
    uint16_t expected;
    int held_count;
    double heard_until; /* the modem has been given sound up to this time */
    rtp_held held[RTP_HELD_MOST]; /* by sequence number, modulo its room */
} rtp_state;

typedef struct {
    int payload;
    uint16_t sequence;
    uint32_t ssrc;
    int length;
    const uint8_t *octets;
} rtp_packet;

int rtp_read(const uint8_t *datagram, int length, rtp_packet *packet);
int rtp_write(rtp_state *r, const int16_t *samples, int count, uint8_t *datagram);
void rtp_decode(int payload, const uint8_t *octets, int16_t *samples, int count);

#endif
