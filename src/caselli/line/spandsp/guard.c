/* What may reach spandsp 0.0.6. A far end that sends octets of its own making can kill it: a DCS to a sender, an image
   frame shorter than its header, a DCS longer than 22 octets or with a width that does not exist, an image line of runs
   without length. Each rule here stands for a way to die, or for a frame that has no meaning at this end. */
#include "engine.h"

#include <spandsp/private/t30_dis_dtc_dcs_bits.h>

enum {
    RUNS_ROOM = 1 << 20, /* one ECM block holds 2^19 bits, and no code is shorter than a bit */
    RUNS_SLACK = 64,
    ROWS_MOST = 60000,
    CONTROL_FRAMES_PER_TICK = 8, /* V.21 carries one in a tenth of a second */
    IDENT_LENGTH = 3 + T30_MAX_IDENT_LEN
};

typedef struct {
    uint8_t fcf; /* bit X cleared */
    int final;
    int least;
    int most; /* longer ones are cut */
} frame_rule;

static const frame_rule from_receiver[] = {
    {T30_CSI, 0, 3, IDENT_LENGTH}, {T30_NSF, 0, 5, 100},
    {T30_DIS, 1, 6, T30_MAX_DIS_DTC_DCS_LEN}, {T30_CFR, 1, 3, 3}, {T30_FTT, 1, 3, 3}, {T30_MCF, 1, 3, 3},
    {T30_RTP, 1, 3, 3}, {T30_RTN, 1, 3, 3}, {T30_PIP, 1, 3, 3}, {T30_PIN, 1, 3, 3},
    {T30_PPR, 1, 35, 35}, {T30_RNR, 1, 3, 3}, {T30_ERR, 1, 3, 3}, {T30_CTR, 1, 3, 3},
    {T30_DCN, 1, 3, 3}, {T30_CRP, 1, 3, 3},
};

static const frame_rule from_sender[] = {
    {T30_TSI, 0, 3, IDENT_LENGTH}, {T30_NSS, 0, 5, 100}, {T30_SUB, 0, 3, IDENT_LENGTH}, {T30_SID, 0, 3, IDENT_LENGTH},
    {T30_DCS, 1, 6, T30_MAX_DIS_DTC_DCS_LEN}, {T30_EOP, 1, 3, 3}, {T30_MPS, 1, 3, 3}, {T30_EOM, 1, 3, 3},
    {T30_PRI_EOP, 1, 3, 3}, {T30_PRI_MPS, 1, 3, 3}, {T30_PRI_EOM, 1, 3, 3}, {T30_PPS, 1, 7, 7}, {T30_EOR, 1, 4, 4},
    {T30_CTC, 1, 5, 5}, {T30_RR, 1, 3, 3}, {T30_DCN, 1, 3, 3}, {T30_CRP, 1, 3, 3},
};

static int bit_of(const uint8_t *frame, int length, int bit)
{
    int octet = 3 + (bit - 1) / 8;

    return octet < length && (frame[octet] >> ((bit - 1) % 8)) & 1;
}

/* Bits 11 to 14 of DIS and DCS name the modem; those with bit 13 (0x10) are none that spandsp has in its table. */
static int is_modem(uint8_t octet)
{
    return !(octet & 0x10);
}

/* A DCS may command only what our DIS offered: R8 up to superfine, three widths, MH, MR and MMR. */
static int is_dcs(const uint8_t *frame, int length)
{
    static const uint8_t foreign[] = {
        T30_DCS_BIT_T43_MODE, T30_DCS_BIT_300_300, T30_DCS_BIT_400_400, T30_DCS_BIT_T85_MODE, T30_DCS_BIT_T85_L0_MODE,
        T30_DCS_BIT_COLOUR_GREY_300_300_400_400, T30_DCS_BIT_COLOUR_GREY_100_100, T30_DCS_BIT_600_600,
        T30_DCS_BIT_1200_1200, T30_DCS_BIT_300_600, T30_DCS_BIT_400_800, T30_DCS_BIT_600_1200,
        T30_DCS_BIT_COLOUR_GREY_600_600, T30_DCS_BIT_COLOUR_GREY_1200_1200, T30_DCS_BIT_T45_MODE,
    };
    size_t i;

    for (i = 0; i < sizeof(foreign); i++)
        if (bit_of(frame, length, foreign[i]))
            return 0;
    return is_modem(frame[4]) && (frame[5] & 3) != 3;
}

static int is_fcf2(uint8_t octet)
{
    switch (octet & 0xFE) {
    case T30_NULL:
    case T30_EOP:
    case T30_MPS:
    case T30_EOM:
    case T30_PRI_EOP:
    case T30_PRI_MPS:
    case T30_PRI_EOM:
        return 1;
    }
    return 0;
}

static int has_good_content(const uint8_t *frame, int length)
{
    switch (frame[2] & 0xFE) {
    case T30_DCS:
        return is_dcs(frame, length);
    case T30_CTC:
        return is_modem(frame[4]);
    case T30_PPS:
    case T30_EOR:
        return is_fcf2(frame[3]);
    case T30_DIS:
        return frame[2] == T30_DIS; /* a DTC would poll us */
    }
    return 1;
}

static int is_image_frame(const uint8_t *frame, int *length)
{
    if (frame[2] == T4_FCD)
        return frame[1] == 0x03 && *length > 4;
    if ((frame[2] & 0xFE) == T4_RCP) {
        *length = 3;
        return 1;
    }
    return 0;
}

static int is_control_frame(const session *s, const uint8_t *frame, int *length)
{
    const frame_rule *rule = s->role == ROLE_SEND ? from_receiver : from_sender;
    size_t count = s->role == ROLE_SEND ? sizeof(from_receiver) : sizeof(from_sender);
    size_t i;

    for (i = 0; i < count / sizeof(frame_rule); i++, rule++) {
        if ((frame[2] & 0xFE) != (rule->fcf & 0xFE) || ((frame[1] >> 4) & 1) != rule->final)
            continue;
        if (*length > rule->most)
            *length = rule->most;
        return *length >= rule->least && has_good_content(frame, *length);
    }
    return 0;
}

/* Whether spandsp may act on this frame (in its bit order, check sequence right and left out). May shorten it. */
int guard_frame(session *s, uint8_t *frame, int *length, int from_image_modem)
{
    if (*length < 3 || *length > FRAME_ROOM || frame[0] != 0xFF || (frame[1] != 0x03 && frame[1] != 0x13))
        return 0;
    if (from_image_modem || frame[2] == T4_FCD || (frame[2] & 0xFE) == T4_RCP)
        return s->role == ROLE_RECEIVE && from_image_modem && is_image_frame(frame, length);
    if (++s->control_frames > CONTROL_FRAMES_PER_TICK)
        return 0;
    terminal_tell_frame(s, 0, frame, *length);
    if (!is_control_frame(s, frame, length))
        return 0;
    terminal_count_frame(s, 0, frame, *length);
    return !s->muted;
}

/* Of training a sender has nothing to hear; V.8 and V.34 we do not speak. */
int guard_indicator(const session *s, int indicator)
{
    if (indicator > T38_IND_V17_14400_LONG_TRAINING)
        return 0;
    return s->role == ROLE_RECEIVE || indicator <= T38_IND_V21_PREAMBLE;
}

/* Give the decoder's two rows of runs the room that the worst block can fill, before it takes its own (a row's width,
   which runs of no length overflow), and look after each arrival whether somebody tries. 0, or -1 for a hostile image. */
int guard_decoder(session *s)
{
    t30_state_t *t30 = session_t30(s);
    t4_rx_state_t *rx;

    if (s->role != ROLE_RECEIVE || t30 == NULL)
        return 0;
    rx = &t30->t4.rx;
    if (rx->tiff.tiff_file == NULL || t30->image_width <= 0)
        return 0;
    if (rx->cur_runs == NULL || s->decoder_width != (int)t30->image_width) {
        free(rx->cur_runs);
        free(rx->ref_runs);
        rx->cur_runs = calloc(RUNS_ROOM, sizeof(uint32_t)); /* untouched pages cost nothing */
        rx->ref_runs = calloc(RUNS_ROOM, sizeof(uint32_t));
        rx->bytes_per_row = (t30->image_width + 7) / 8;
        s->decoder_width = t30->image_width;
        if (rx->cur_runs == NULL || rx->ref_runs == NULL)
            return -1;
    }
    if (rx->t4_t6_rx.a_cursor > rx->image_width + RUNS_SLACK || rx->t4_t6_rx.b_cursor > rx->image_width + RUNS_SLACK)
        return -1;
    return rx->image_length > ROWS_MOST ? -1 : 0;
}

static void accept_audio_frame(void *user_data, const uint8_t *msg, int len, int ok)
{
    session *s = user_data;
    uint8_t frame[FRAME_ROOM];
    int from_image_modem;

    if (len < 0 || !ok) {
        t30_hdlc_accept(&s->audio->t30, msg, len, ok);
        return;
    }
    if (len > FRAME_ROOM)
        return;
    memcpy(frame, msg, (size_t)len);
    /* The fast modem and V.21 share one HDLC receiver until one of them trains, so ask the frame, not the modem. */
    from_image_modem = len > 2 && (frame[2] == T4_FCD || (frame[2] & 0xFE) == T4_RCP);
    if (guard_frame(s, frame, &len, from_image_modem))
        t30_hdlc_accept(&s->audio->t30, frame, len, ok);
}

/* spandsp puts its own frame handler back when it changes the modem; no frame fits in the 20 ms until we look again. */
void guard_audio_frames(session *s)
{
    if (s->audio->modems.hdlc_rx.frame_handler == t30_hdlc_accept)
        hdlc_rx_set_frame_handler(&s->audio->modems.hdlc_rx, accept_audio_frame, s);
}
