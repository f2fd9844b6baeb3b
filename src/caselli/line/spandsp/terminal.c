/* spandsp's two fax machines, set up as our orders say, and what their callbacks tell of the fax. */
#include "engine.h"

enum {
    MERGE_CHECK_SEQUENCE = 0x0001, /* spandsp's T38_CHUNKING_MERGE_FCS_WITH_DATA */
    V21_OCTETS = 2,
    SHORTEST_STEP = 80, /* samples; we catch up with what is late at this pace */
    IFP_OVERHEAD = 6, /* of image data in a datagram: type, count, field, its length, and the packet's own */
    DATAGRAM_OVERHEAD = 4
};

static media_event *tell(session *s, int kind)
{
    return event_add(&s->events, kind, s->now);
}

static void begin_page(session *s)
{
    media_event *event;

    if (s->fax.page == s->fax.next_page)
        return;
    s->fax.page = s->fax.next_page;
    s->fax.page_began = s->now;
    event = tell(s, EVENT_PAGE_STARTED);
    if (event)
        event->number = s->fax.page;
}

static void end_page(session *s, int confirmed, const t30_stats_t *stats)
{
    media_event *event = tell(s, EVENT_PAGE_ENDED);

    if (event) {
        event->number = s->fax.next_page;
        event->confirmed = confirmed;
        event->rate = stats->bit_rate;
        event->ecm = stats->error_correcting_mode;
        event->width = stats->width;
        event->length = stats->length;
        event->size = stats->image_size;
        event->bad_rows = stats->bad_rows;
        event->longest_bad_run = stats->longest_bad_row_run;
        event->ecm_retries = stats->error_correcting_mode_retries;
        event->seconds = s->fax.page ? s->now - s->fax.page_began : 0.0;
    }
    s->fax.page = 0;
    if (confirmed) {
        s->fax.confirmed++;
        s->fax.next_page++;
        s->fax.last_page_confirmed = s->fax.last_command == T30_EOP;
    }
}

static void end_of_training(session *s)
{
    t30_stats_t stats;
    const char *ident = t30_get_rx_ident(session_t30(s));
    media_event *event;

    t30_get_transfer_statistics(session_t30(s), &stats);
    if (s->fax.rate != stats.bit_rate || s->fax.ecm != stats.error_correcting_mode) {
        s->fax.rate = stats.bit_rate;
        s->fax.ecm = stats.error_correcting_mode;
        event = tell(s, EVENT_NEGOTIATED);
        if (event) {
            snprintf(event->remote_id, sizeof(event->remote_id), "%s", ident ? ident : "");
            event->rate = stats.bit_rate;
            event->ecm = stats.error_correcting_mode;
        }
    }
    begin_page(s);
}

/* One T.30 frame of either end, other than image data, for the ladder. */
void terminal_tell_frame(session *s, int sent, const uint8_t *frame, int length)
{
    media_event *event = tell(s, EVENT_FRAME);
    int fcf = frame[2] & 0xFE;

    if (event == NULL)
        return;
    event->sent = sent;
    if ((fcf == T30_PPS || fcf == T30_EOR) && length > 3)
        snprintf(event->text, sizeof(event->text), "%s-%s", t30_frametype(frame[2]),
                 (frame[3] & 0xFE) == T30_NULL ? "NULL" : t30_frametype(frame[3]));
    else
        snprintf(event->text, sizeof(event->text), "%s", t30_frametype(frame[2]));
    event->octet_count = length > EVENT_OCTETS_ROOM ? EVENT_OCTETS_ROOM : length;
    memcpy(event->octets, frame, (size_t)event->octet_count);
}

/* The post-message command in a frame: EOP, MPS or EOM, 0 if it is none or closes only part of a page. */
static int post_message_command(const uint8_t *frame, int length)
{
    int fcf = frame[2] & 0xFE;

    if (fcf == T30_PPS || fcf == T30_EOR)
        fcf = length > 3 ? frame[3] & 0xFE : 0;
    switch (fcf) {
    case T30_EOP:
    case T30_PRI_EOP:
        return T30_EOP;
    case T30_MPS:
    case T30_PRI_MPS:
        return T30_MPS;
    case T30_EOM:
    case T30_PRI_EOM:
        return T30_EOM;
    }
    return 0;
}

static void fall_silent(session *s)
{
    s->muted = 1;
    s->stop = 1;
    s->stop_code = T30_ERR_CALLDROPPED;
}

static void count_sent(session *s, int fcf, int command)
{
    if (s->role == ROLE_SEND) {
        if (command == T30_EOP && !s->fax.last_page_out) {
            s->fax.last_page_out = 1;
            tell(s, EVENT_LAST_PAGE_OUT);
        }
        return;
    }
    if (fcf == T30_CFR)
        end_of_training(s);
    if (s->fax.received_waits && (fcf == T30_MCF || fcf == T30_RTP || fcf == T30_RTN)) {
        s->fax.received_waits = 0;
        end_page(s, fcf != T30_RTN, &s->fax.received);
        if (fcf == T30_MCF && s->fax.last_command == T30_MPS)
            begin_page(s);
    }
}

static void count_received(session *s, int fcf, int command)
{
    s->fax.far_frames++;
    if (s->role == ROLE_SEND) {
        if (fcf == T30_CFR)
            end_of_training(s);
        return;
    }
    if (command == T30_EOP && s->withhold_confirmation)
        fall_silent(s);
    if (command && s->fax.page && s->fax.page == s->drop_in_page)
        fall_silent(s); /* a page shorter than the time we meant to wait */
}

/* What such a frame means for where the fax stands. */
void terminal_count_frame(session *s, int sent, const uint8_t *frame, int length)
{
    int command = post_message_command(frame, length);

    if (command)
        s->fax.last_command = command;
    if (sent)
        count_sent(s, frame[2] & 0xFE, command);
    else
        count_received(s, frame[2] & 0xFE, command);
}

static void on_frame(t30_state_t *t30, void *user_data, int direction, const uint8_t *frame, int length)
{
    (void)t30;
    if (direction || length < 3 || frame[2] == T4_FCD || frame[2] == T4_RCP)
        return; /* what comes in was counted before spandsp saw it */
    terminal_tell_frame(user_data, 1, frame, length);
    terminal_count_frame(user_data, 1, frame, length);
}

static int on_phase_d(t30_state_t *t30, void *user_data, int result)
{
    session *s = user_data;
    t30_stats_t stats;

    if (s->role == ROLE_RECEIVE) {
        t30_get_transfer_statistics(t30, &s->fax.received);
        s->fax.received_waits = 1; /* confirmed when our answer to it goes out */
        return T30_ERR_OK;
    }
    t30_get_transfer_statistics(t30, &stats);
    switch (result) {
    case T30_MCF:
    case T30_RTP:
    case T30_PIP:
        end_page(s, 1, &stats);
        if (result != T30_RTP && s->fax.last_command == T30_MPS)
            begin_page(s);
        break;
    case T30_RTN:
    case T30_PIN:
        end_page(s, 0, &stats);
        break;
    }
    return T30_ERR_OK;
}

static void on_phase_e(t30_state_t *t30, void *user_data, int code)
{
    session *s = user_data;

    (void)t30;
    s->fax.over = 1;
    s->fax.code = code;
}

static int modems_up_to(int rate)
{
    if (rate >= 14400)
        return T30_SUPPORT_V17 | T30_SUPPORT_V29 | T30_SUPPORT_V27TER;
    return rate >= 9600 ? T30_SUPPORT_V29 | T30_SUPPORT_V27TER : T30_SUPPORT_V27TER;
}

static void set_up(session *s, t30_state_t *t30)
{
    int compressions = T30_SUPPORT_T4_1D_COMPRESSION | T30_SUPPORT_T4_2D_COMPRESSION;

    t30_set_phase_d_handler(t30, on_phase_d, s);
    t30_set_phase_e_handler(t30, on_phase_e, s);
    t30_set_real_time_frame_handler(t30, on_frame, s);
    t30_set_tx_ident(t30, s->station_id);
    t30_set_supported_modems(t30, modems_up_to(s->max_rate));
    t30_set_ecm_capability(t30, s->ecm);
    t30_set_supported_compressions(t30, compressions | (s->ecm ? T30_SUPPORT_T6_COMPRESSION : 0));
    t30_set_supported_resolutions(t30, T30_SUPPORT_STANDARD_RESOLUTION | T30_SUPPORT_FINE_RESOLUTION |
                                           T30_SUPPORT_SUPERFINE_RESOLUTION | T30_SUPPORT_R8_RESOLUTION);
    t30_set_supported_image_sizes(t30, T30_SUPPORT_215MM_WIDTH | T30_SUPPORT_255MM_WIDTH | T30_SUPPORT_303MM_WIDTH |
                                           T30_SUPPORT_US_LETTER_LENGTH | T30_SUPPORT_US_LEGAL_LENGTH |
                                           T30_SUPPORT_UNLIMITED_LENGTH);
    t30->retransmit_capable = 1; /* else a page refused by RTN is passed over, and the fax ends as a success */
    if (s->role == ROLE_SEND) {
        t30_set_tx_file(t30, s->document, s->fax.next_page - 1, s->pages > 0 ? s->pages - 1 : -1);
    } else {
        t30_set_rx_encoding(t30, T4_COMPRESSION_ITU_T6);
        t30_set_rx_file(t30, s->document, -1);
    }
}

static int on_ifp(t38_core_state_t *core, void *user_data, const uint8_t *ifp, int length, int count)
{
    session *s = user_data;
    datagram *out = s->muted ? NULL : session_reserve(s);

    (void)core;
    if (out == NULL)
        return 0;
    out->length = udptl_write(&s->udptl, ifp, length, out->octets);
    s->udptl.repeats = count - 1;
    return 0;
}

/* Let time pass up to the next packet, ``samples`` of it at most; how much it was. spandsp sends one packet a step. Image
   frames close in the packet of their last octets; V.21 keeps to the packets every gateway knows, but of two octets. */
int terminal_step_t38(session *s, int samples)
{
    t38_terminal_front_end_state_t *front = &s->t38->t38_fe;
    int until_packet = front->next_tx_samples - front->samples;

    if (front->current_tx_data_type == T38_DATA_V21) {
        front->chunking_modes &= ~MERGE_CHECK_SEQUENCE;
        front->octets_per_data_packet = V21_OCTETS;
    } else {
        front->chunking_modes |= MERGE_CHECK_SEQUENCE;
    }
    if (front->timed_step && until_packet < samples)
        samples = until_packet > SHORTEST_STEP ? until_packet : samples < SHORTEST_STEP ? samples : SHORTEST_STEP;
    t38_terminal_send_timeout(s->t38, samples);
    return samples;
}

/* Microseconds of image in one packet: a third of an ECM frame at 14,400 bit/s, if that fits the peer's datagram with all
   its redundancy, a quarter if that does, else spandsp's own 30 ms. What a packet costs hardly depends on its length. */
static int packet_time(const udptl_state *u)
{
    static const int milliseconds[] = {49, 37};
    size_t i;

    for (i = 0; i < sizeof(milliseconds) / sizeof(milliseconds[0]); i++) {
        int octets = milliseconds[i] * 14400 / 8000;

        if ((octets + IFP_OVERHEAD) * (u->redundancy + 1) + DATAGRAM_OVERHEAD <= u->max_datagram)
            return milliseconds[i] * 1000;
    }
    return 30000;
}

int terminal_start_t38(session *s)
{
    t38_core_state_t *core;

    s->t38 = t38_terminal_init(NULL, s->calling, on_ifp, s);
    if (s->t38 == NULL)
        return -1;
    s->t38->t38_fe.us_per_tx_chunk = packet_time(&s->udptl);
    core = t38_terminal_get_t38_core_state(s->t38);
    t38_set_t38_version(core, 0);
    t38_set_redundancy_control(core, T38_PACKET_CATEGORY_INDICATOR, 3);
    t38_set_redundancy_control(core, T38_PACKET_CATEGORY_CONTROL_DATA_END, 4);
    t38_set_redundancy_control(core, T38_PACKET_CATEGORY_IMAGE_DATA_END, 4);
    set_up(s, t38_terminal_get_t30_state(s->t38));
    t38_core_send_indicator(core, T38_IND_NO_SIGNAL); /* opens the way through address translators */
    return 0;
}

static void on_tone(void *user_data, int tone, int level, int delay)
{
    session *s = user_data;
    media_event *event;

    (void)level;
    (void)delay;
    if (s->heard_fax || tone == MODEM_CONNECT_TONES_NONE)
        return;
    s->heard_fax = 1;
    event = tell(s, EVENT_FAX_HEARD);
    if (event)
        snprintf(event->text, sizeof(event->text), "%s",
                 tone == MODEM_CONNECT_TONES_FAX_CNG        ? "CNG"
                 : tone == MODEM_CONNECT_TONES_FAX_PREAMBLE ? "V.21 preamble"
                                                            : "CED");
}

int terminal_start_audio(session *s)
{
    s->audio = fax_init(NULL, s->calling);
    if (s->audio == NULL)
        return -1;
    fax_set_transmit_on_idle(s->audio, 1);
    set_up(s, fax_get_t30_state(s->audio));
    modem_connect_tones_rx_init(
        &s->tones, s->calling ? MODEM_CONNECT_TONES_FAX_CED_OR_PREAMBLE : MODEM_CONNECT_TONES_FAX_CNG, on_tone, s);
    guard_audio_frames(s);
    return 0;
}

/* Let go of spandsp without a word: a machine that is replaced must not report an end. */
void terminal_stop(session *s)
{
    t30_state_t *t30 = session_t30(s);

    if (t30 == NULL)
        return;
    t30_set_phase_d_handler(t30, NULL, NULL);
    t30_set_phase_e_handler(t30, NULL, NULL);
    t30_set_real_time_frame_handler(t30, NULL, NULL);
    t30_terminate(t30);
    if (s->t38)
        t38_terminal_free(s->t38);
    if (s->audio)
        fax_free(s->audio);
    s->t38 = NULL;
    s->audio = NULL;
    s->decoder_width = 0;
}

/* spandsp's completion code as it is true: -1 when nothing of T.30 was heard and we ended it ourselves. */
int terminal_verdict(session *s)
{
    t30_state_t *t30 = session_t30(s);
    int by_itself = s->fax.over;

    if (t30 == NULL)
        return -1;
    if (!by_itself)
        t30_terminate(t30);
    if (s->stop_code >= 0)
        return s->stop_code;
    if (!by_itself && s->fax.far_frames == 0)
        return -1;
    if (s->role == ROLE_SEND && s->fax.code == T30_ERR_OK && !s->fax.last_page_confirmed)
        return T30_ERR_TX_INVALRSP;
    return s->fax.code;
}
