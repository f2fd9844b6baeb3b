/* G.711 to and from the fax modems: packets in order, gaps filled, silence told. */
#include "engine.h"

static const double TICK = 0.02;
static const double LONGEST_STEP = 1.0; /* seconds of sound that are made up for after we slept */
static const double SILENCE_AFTER = 0.2; /* seconds without audio until the modem is told so */
static const double REORDER_WAIT = 0.06;

static void hear(session *s, int16_t *samples, int count)
{
    if (!s->heard_fax)
        modem_connect_tones_rx(&s->tones, samples, count);
    fax_rx(s->audio, samples, count);
    session_settle(s);
}

static void hear_packet(session *s, int payload, const uint8_t *octets, int length)
{
    int16_t samples[RTP_PAYLOAD_ROOM];
    int at, count;

    rtp_decode(payload, octets, samples, length);
    for (at = 0; at < length && !s->told_end; at += count) {
        count = length - at > SAMPLES_PER_TICK ? SAMPLES_PER_TICK : length - at;
        hear(s, samples + at, count);
    }
    s->rtp.heard_until += (double)length / SAMPLES_PER_SECOND;
    if (s->rtp.heard_until < s->now)
        s->rtp.heard_until = s->now;
}

/* What was waiting for an earlier packet, as far as it goes on without a gap. */
static void hear_held(session *s)
{
    rtp_held *held;

    while (s->rtp.held_count > 0 && !s->told_end) {
        held = &s->rtp.held[s->rtp.expected % RTP_HELD_MOST];
        if (held->length == 0)
            return;
        hear_packet(s, held->payload, held->octets, held->length);
        held->length = 0;
        s->rtp.held_count--;
        s->rtp.expected++;
    }
}

static void forget_held(rtp_state *r)
{
    int i;

    for (i = 0; i < RTP_HELD_MOST; i++)
        r->held[i].length = 0;
    r->held_count = 0;
}

static void hold(session *s, const rtp_packet *packet)
{
    rtp_held *held = &s->rtp.held[packet->sequence % RTP_HELD_MOST];

    if (held->length)
        return;
    held->length = packet->length;
    held->payload = packet->payload;
    held->came = s->now;
    memcpy(held->octets, packet->octets, (size_t)packet->length);
    s->rtp.held_count++;
}

int audio_receive(session *s, const uint8_t *data, int length)
{
    rtp_packet packet;
    int distance;

    if (rtp_read(data, length, &packet) < 0)
        return -1;
    distance = (int16_t)(uint16_t)(packet.sequence - s->rtp.expected);
    if (!s->rtp.begun || packet.ssrc != s->rtp.far_ssrc || distance >= RTP_HELD_MOST || distance < -500) {
        forget_held(&s->rtp);
        s->rtp.begun = 1;
        s->rtp.far_ssrc = packet.ssrc;
        s->rtp.expected = packet.sequence;
        distance = 0;
    }
    if (distance < 0)
        return 0;
    if (distance > 0) {
        hold(s, &packet);
        return 0;
    }
    hear_packet(s, packet.payload, packet.octets, packet.length);
    s->rtp.expected++;
    hear_held(s);
    return 0;
}

/* Fill gaps that stay open, and tell the modem of silence: its T.30 timers run on what it hears. */
static void keep_hearing(session *s)
{
    int16_t silence[SAMPLES_PER_TICK];
    rtp_state *r = &s->rtp;
    int i, waited = 0;

    for (i = 0; r->held_count > 0 && i < RTP_HELD_MOST; i++)
        waited |= r->held[i].length && s->now - r->held[i].came >= REORDER_WAIT;
    if (waited) {
        fax_rx_fillin(s->audio, SAMPLES_PER_TICK);
        session_settle(s);
        r->heard_until = s->now;
        r->expected++;
        hear_held(s);
    }
    while (s->now - r->heard_until > SILENCE_AFTER && !s->told_end) {
        memset(silence, 0, sizeof(silence));
        r->heard_until += TICK;
        hear(s, silence, SAMPLES_PER_TICK);
    }
}

void audio_tick(session *s)
{
    int16_t samples[SAMPLES_PER_TICK];
    datagram *out;
    int count;

    keep_hearing(s);
    if (s->now - s->rtp.send_at > LONGEST_STEP)
        s->rtp.send_at = s->now; /* we slept: what was not said in time is not said at all */
    while (s->now >= s->rtp.send_at - 0.001 && s->out_count < DATAGRAMS_ROOM) {
        count = fax_tx(s->audio, samples, SAMPLES_PER_TICK);
        if (count < SAMPLES_PER_TICK)
            memset(samples + count, 0, (size_t)(SAMPLES_PER_TICK - count) * sizeof(int16_t));
        out = session_reserve(s);
        out->length = rtp_write(&s->rtp, samples, SAMPLES_PER_TICK, out->octets);
        s->rtp.send_at += TICK;
        session_settle(s);
    }
}
