/* A call's media from its order to its verdict: datagrams and time in, datagrams and events out. */
#include "engine.h"

#include <arpa/inet.h>

static const double LONGEST_STEP = 1.0; /* seconds of T.30 time that one tick may bring */
static const double DROP_AFTER = 2.0; /* seconds into the page that the answering machine drops */

t30_state_t *session_t30(session *s)
{
    if (s->t38)
        return t38_terminal_get_t30_state(s->t38);
    return s->audio ? fax_get_t30_state(s->audio) : NULL;
}

session *session_new(int id, const session_options *options)
{
    session *s;

    if (strlen(options->document) >= PATH_ROOM)
        return NULL;
    s = calloc(1, sizeof(*s));
    if (s == NULL)
        return NULL;
    s->id = id;
    s->socket = -1;
    s->stop_code = -1;
    s->role = options->role;
    s->calling = options->calling;
    s->first_page = options->first_page > 0 ? options->first_page : 1;
    s->pages = options->pages;
    s->max_rate = options->max_rate;
    s->ecm = options->ecm;
    s->silent = options->silent;
    s->drop_in_page = options->drop_in_page;
    s->withhold_confirmation = options->withhold_confirmation;
    snprintf(s->document, sizeof(s->document), "%s", options->document);
    snprintf(s->station_id, sizeof(s->station_id), "%s", options->station_id);
    s->fax.next_page = s->role == ROLE_SEND ? s->first_page : 1;
    return s;
}

void session_free(session *s)
{
    terminal_stop(s);
    free(s);
}

/* The number its caller knows it by. */
int session_number(const session *s)
{
    return s->id;
}

static int parse_address(const char *host, int port, far_address *address)
{
    memset(address, 0, sizeof(*address));
    address->port = port;
    address->family = strchr(host, ':') ? AF_INET6 : AF_INET;
    return inet_pton(address->family, host, address->host) == 1 ? 0 : -1;
}

static int same_host(const far_address *a, const far_address *b)
{
    return a->family == b->family && memcmp(a->host, b->host, sizeof(a->host)) == 0;
}

static int aim(session *s, const char *host, int port, double now)
{
    s->now = now;
    if (parse_address(host, port, &s->signalled) < 0)
        return -1;
    s->far = s->signalled;
    return 0;
}

static void begin_generation(session *s, int mode, double now)
{
    terminal_stop(s);
    s->fax.far_frames = 0;
    s->fax.page = 0;
    s->mode = s->silent ? MODE_SILENT : mode;
    s->last_tick = now;
    s->sample_debt = 0.0;
}

/* 0; -1 if the host is no address, -2 if there is no memory. Once T.30 runs over T.38, audio is not begun again. */
int session_start_audio(session *s, const char *host, int port, int payload, double now)
{
    if (s->mode == MODE_T38 && s->fax.far_frames)
        return 0;
    if (aim(s, host, port, now) < 0)
        return -1;
    if (s->mode == MODE_AUDIO || s->told_end) {
        s->rtp.payload = payload;
        return 0;
    }
    begin_generation(s, MODE_AUDIO, now);
    memset(&s->rtp, 0, sizeof(s->rtp));
    s->rtp.payload = payload;
    s->rtp.ssrc = (uint32_t)(uint64_t)(now * 1e6) * 2654435761u + (uint32_t)s->id;
    s->rtp.timestamp = s->rtp.ssrc >> 7;
    s->rtp.send_at = now;
    s->rtp.heard_until = now;
    return s->silent || terminal_start_audio(s) == 0 ? 0 : -2;
}

/* 0; -1 if the host is no address, -2 if there is no memory. A second one during T.38 moves the far address only. */
int session_start_t38(session *s, const char *host, int port, int max_datagram, int redundancy, double now)
{
    if (aim(s, host, port, now) < 0)
        return -1;
    if (s->mode == MODE_T38 || s->told_end)
        return 0;
    begin_generation(s, MODE_T38, now);
    udptl_start(&s->udptl, redundancy, max_datagram);
    s->next_ifp = 0;
    memset(&s->frame, 0, sizeof(s->frame));
    return s->silent || terminal_start_t38(s) == 0 ? 0 : -2;
}

static void end(session *s)
{
    const char *ident = session_t30(s) ? t30_get_rx_ident(session_t30(s)) : NULL;
    int code = terminal_verdict(s);
    media_event *event = event_add(&s->events, EVENT_ENDED, s->now);

    s->told_end = 1;
    if (event == NULL)
        return;
    event->code = code;
    event->number = s->fax.confirmed;
    event->rate = s->fax.rate;
    event->ecm = s->fax.ecm;
    snprintf(event->text, sizeof(event->text), "%s", code < 0 ? "T.30 never began" : t30_completion_code_to_str(code));
    snprintf(event->remote_id, sizeof(event->remote_id), "%s", ident ? ident : "");
}

void session_close(session *s, double now)
{
    s->now = now;
    s->muted = 1;
    if (!s->told_end)
        end(s);
}

/* After anything that moved spandsp: has it ended, must it? */
void session_settle(session *s)
{
    if (s->audio)
        guard_audio_frames(s);
    if (!s->stop && guard_decoder(s) < 0) {
        s->muted = 1;
        s->stop = 1;
        s->stop_code = T30_ERR_UNEXPECTED;
    }
    if ((s->stop || s->fax.over) && !s->told_end)
        end(s);
}

/* Room for a datagram that goes out with the next ones; NULL when too many wait. */
datagram *session_reserve(session *s)
{
    if (s->out_count >= DATAGRAMS_ROOM)
        return NULL;
    s->out_last = (s->out_first + s->out_count++) % DATAGRAMS_ROOM;
    return &s->out[s->out_last];
}

static void hear_indicator(session *s, const udptl_slice *ifp)
{
    static const char *const tones[] = {
        [T38_IND_CNG] = "CNG", [T38_IND_CED] = "CED", [T38_IND_V21_PREAMBLE] = "V.21 preamble"};
    int indicator = (ifp->octets[0] >> 1) & 0x0F;
    media_event *event;

    if ((ifp->octets[0] & 0xE0) || indicator < T38_IND_CNG || indicator > T38_IND_V21_PREAMBLE || s->heard_fax)
        return;
    s->heard_fax = 1;
    event = event_add(&s->events, EVENT_FAX_HEARD, s->now);
    if (event)
        snprintf(event->text, sizeof(event->text), "%s", tones[indicator]);
}

static int receive_t38(session *s, const uint8_t *data, int length)
{
    udptl_arrival arrival;
    rtp_packet late_audio;
    int i;

    /* Audio still under way when T.38 began. A sequence number of 0x80.. comes after a quarter of an hour only. */
    if (length > 4 && data[0] == 0x80 && s->udptl.expected < 0x7F00 && rtp_read(data, length, &late_audio) == 0)
        return -1;
    if (udptl_read(&s->udptl, data, length, &arrival) < 0)
        return -1;
    if (arrival.lost)
        ifp_lost(s);
    for (i = 0; i < arrival.count && !s->told_end; i++) {
        hear_indicator(s, &arrival.ifp[i]);
        ifp_take(s, arrival.ifp[i].octets, arrival.ifp[i].length);
        session_settle(s);
    }
    return 0;
}

/* Only the signalled host is heard; which of its ports it sends from, its first good packet tells (symmetric media). */
void session_receive(session *s, const uint8_t *data, int length, const far_address *source, double now)
{
    int taken;

    if (s->told_end || s->muted || length < 1 || !same_host(source, &s->signalled))
        return;
    if (s->mode != MODE_AUDIO && s->mode != MODE_T38)
        return;
    s->now = now;
    taken = s->mode == MODE_AUDIO ? audio_receive(s, data, length) : receive_t38(s, data, length);
    if (taken == 0)
        s->far = *source;
}

static void tick_t38(session *s)
{
    double elapsed = (s->now - s->last_tick) * SAMPLES_PER_SECOND + s->sample_debt;
    int left;

    if (elapsed > LONGEST_STEP * SAMPLES_PER_SECOND)
        elapsed = LONGEST_STEP * SAMPLES_PER_SECOND;
    left = (int)elapsed;
    s->sample_debt = elapsed - left;
    while (left > 0 && !s->told_end && s->out_count < DATAGRAMS_ROOM)
        left -= terminal_step_t38(s, left);
    if (s->out_count == 0 && s->udptl.repeats > 0) {
        s->udptl.repeats--; /* the last datagram lies where it was written */
        s->out_first = s->out_last;
        s->out_count = 1;
    }
    session_settle(s);
}

void session_tick(session *s, double now)
{
    if ((s->mode != MODE_AUDIO && s->mode != MODE_T38) || s->muted || now <= s->last_tick)
        return;
    s->now = now;
    s->control_frames = 0;
    if (s->drop_in_page && s->fax.page == s->drop_in_page && now - s->fax.page_began > DROP_AFTER) {
        s->muted = 1;
        s->stop = 1;
        s->stop_code = T30_ERR_CALLDROPPED;
        session_settle(s);
    } else if (s->mode == MODE_T38) {
        tick_t38(s);
    } else {
        audio_tick(s);
    }
    s->last_tick = now;
}

/* For callers without sockets: 0, or -1 if ``host`` is no address. */
int session_receive_from(session *s, const uint8_t *data, int length, const char *host, int port, double now)
{
    far_address source;

    if (parse_address(host, port, &source) < 0)
        return -1;
    session_receive(s, data, length, &source, now);
    return 0;
}

/* The length of the next datagram to send, 0 if there is none. Room: UDPTL_DATAGRAM_ROOM octets, 46 characters. */
int session_next_datagram(session *s, uint8_t *octets, char *host, int *port)
{
    datagram *out = &s->out[s->out_first];

    if (s->out_count == 0)
        return 0;
    s->out_count--;
    s->out_first = s->out_count ? (s->out_first + 1) % DATAGRAMS_ROOM : 0; /* stay in few cache lines */
    memcpy(octets, out->octets, (size_t)out->length);
    inet_ntop(s->far.family, s->far.host, host, INET6_ADDRSTRLEN);
    *port = s->far.port;
    return out->length;
}

int session_next_event(session *s, media_event *event)
{
    return event_take(&s->events, event);
}
