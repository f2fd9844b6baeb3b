#include "rtp.h"

#include <spandsp.h>

/* 0, or -1 if this is no G.711 in RTP. */
int rtp_read(const uint8_t *data, int length, rtp_packet *packet)
{
    int header, padding;

    if (length < RTP_HEADER || (data[0] & 0xC0) != 0x80)
        return -1;
    header = RTP_HEADER + 4 * (data[0] & 0x0F);
    if (data[0] & 0x10) {
        if (length < header + 4)
            return -1;
        header += 4 + 4 * ((data[header + 2] << 8) | data[header + 3]);
    }
    padding = data[0] & 0x20 ? data[length - 1] : 0;
    packet->payload = data[1] & 0x7F;
    packet->sequence = (uint16_t)((data[2] << 8) | data[3]);
    packet->ssrc = ((uint32_t)data[8] << 24) | ((uint32_t)data[9] << 16) | ((uint32_t)data[10] << 8) | data[11];
    packet->length = length - header - padding;
    packet->octets = data + header;
    if (packet->payload != RTP_PCMU && packet->payload != RTP_PCMA)
        return -1;
    return packet->length > 0 && packet->length <= RTP_PAYLOAD_ROOM ? 0 : -1;
}

int rtp_write(rtp_state *r, const int16_t *samples, int count, uint8_t *data)
{
    int i;

    data[0] = 0x80;
    data[1] = (uint8_t)r->payload;
    data[2] = (uint8_t)(r->next_out >> 8);
    data[3] = (uint8_t)r->next_out;
    for (i = 0; i < 4; i++) {
        data[4 + i] = (uint8_t)(r->timestamp >> (24 - 8 * i));
        data[8 + i] = (uint8_t)(r->ssrc >> (24 - 8 * i));
    }
    for (i = 0; i < count; i++)
        data[RTP_HEADER + i] = r->payload == RTP_PCMA ? linear_to_alaw(samples[i]) : linear_to_ulaw(samples[i]);
    r->next_out++;
    r->timestamp += (uint32_t)count;
    return RTP_HEADER + count;
}

void rtp_decode(int payload, const uint8_t *octets, int16_t *samples, int count)
{
    int i;

    for (i = 0; i < count; i++)
        samples[i] = payload == RTP_PCMA ? alaw_to_linear(octets[i]) : ulaw_to_linear(octets[i]);
}
