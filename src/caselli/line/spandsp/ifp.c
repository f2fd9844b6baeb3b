/* IFP packets (ITU-T T.38 clause 7, version 0 syntax) from the far end. Nothing of theirs is handed on as it came: HDLC
   frames are put together here, judged whole, and written anew for spandsp, whose own parser dies of some of them. */
#include "engine.h"

enum {
    IFP_FIELDS_MOST = 40,
    IFP_OUT_ROOM = 2 + 3 + FRAME_ROOM + 1,
    NON_ECM_MOST = 512
};

typedef struct {
    int type;
    int length;
    const uint8_t *octets;
} ifp_field;

typedef struct {
    int is_data;
    int kind; /* indicator, or data type */
    int count;
    ifp_field fields[IFP_FIELDS_MOST];
} ifp_message;

/* One field of the version 0 syntax, where a field without data takes half an octet. 0, or -1 if cut off or unknown. */
static int read_field(const uint8_t *ifp, int length, int *at, int *half, ifp_field *field)
{
    int nibble;

    if (*at >= length)
        return -1;
    nibble = *half ? ifp[*at] & 0x0F : ifp[*at] >> 4;
    field->type = nibble & 7;
    field->length = 0;
    field->octets = NULL;
    if (*half || (nibble & 8))
        (*at)++;
    *half = !*half && !(nibble & 8);
    if (nibble & 8) {
        if (*at + 2 > length)
            return -1;
        field->length = ((ifp[*at] << 8) | ifp[*at + 1]) + 1;
        field->octets = ifp + *at + 2;
        *at += 2 + field->length;
    }
    return *at > length ? -1 : 0;
}

static int read_message(const uint8_t *ifp, int length, ifp_message *message)
{
    int at = 2, half = 0, i;

    if (length < 1 || (ifp[0] & 0x20))
        return -1; /* extensions are of V.8 and V.34, which we never offer */
    message->is_data = (ifp[0] >> 6) & 1;
    message->kind = (ifp[0] >> 1) & 0x0F;
    message->count = 0;
    if (!(ifp[0] & 0x80))
        return message->is_data ? -1 : 0;
    if (!message->is_data || length < 2 || ifp[1] > IFP_FIELDS_MOST)
        return -1;
    message->count = ifp[1];
    for (i = 0; i < message->count; i++) {
        if (read_field(ifp, length, &at, &half, &message->fields[i]) < 0)
            return -1;
        if (message->fields[i].type > T38_FIELD_T4_NON_ECM_SIG_END)
            return -1;
    }
    return 0;
}

static void give(session *s, const uint8_t *ifp, int length)
{
    t38_core_rx_ifp_packet(t38_terminal_get_t38_core_state(s->t38), ifp, length, s->next_ifp++);
}

static int write_field(uint8_t *to, int type, const uint8_t *octets, int length)
{
    to[0] = (uint8_t)((length ? 0x80 : 0) | (type << 4));
    if (length == 0)
        return 1;
    to[1] = (uint8_t)((length - 1) >> 8);
    to[2] = (uint8_t)(length - 1);
    memcpy(to + 3, octets, (size_t)length);
    return 3 + length;
}

/* Hand spandsp a frame with the field that closes it; of a frame it shall not see, only that something closed. */
static void give_frame(session *s, int data_type, int closing, int with_octets)
{
    uint8_t ifp[IFP_OUT_ROOM];
    int at = 2;

    ifp[0] = (uint8_t)(0xC0 | (data_type << 1));
    ifp[1] = 1;
    if (with_octets && s->frame.length > 0) {
        ifp[1] = 2;
        at += write_field(ifp + at, T38_FIELD_HDLC_DATA, s->frame.octets, s->frame.length);
    }
    at += write_field(ifp + at, closing, NULL, 0);
    s->frame.length = 0;
    s->frame.broken = 0;
    give(s, ifp, at);
}

static void append(frame_assembly *frame, const ifp_field *field)
{
    if (field->length == 0)
        return;
    if (frame->length + field->length > FRAME_ROOM) {
        frame->broken = 1;
        return;
    }
    memcpy(frame->octets + frame->length, field->octets, (size_t)field->length);
    frame->length += field->length;
}

static void reverse_bits(uint8_t *to, const uint8_t *from, int length)
{
    int i;

    for (i = 0; i < length; i++)
        to[i] = bit_reverse8(from[i]);
}

/* A frame ended; ``good``: its sender's check sequence was right. */
static void close_frame(session *s, int data_type, int closing, int good)
{
    static const int bad_of[] = {
        [T38_FIELD_HDLC_FCS_OK] = T38_FIELD_HDLC_FCS_BAD,
        [T38_FIELD_HDLC_FCS_OK_SIG_END] = T38_FIELD_HDLC_FCS_BAD_SIG_END,
    };
    uint8_t frame[FRAME_ROOM];
    int length = s->frame.length;

    if (length == 0) {
        give_frame(s, data_type, closing, 0);
        return;
    }
    if (!good || s->frame.broken) {
        give_frame(s, data_type, good ? bad_of[closing] : closing, 1);
        return;
    }
    reverse_bits(frame, s->frame.octets, length);
    if (!guard_frame(s, frame, &length, data_type != T38_DATA_V21)) {
        give_frame(s, data_type, closing, 0);
        return;
    }
    s->frame.length = length; /* frames may be cut to what T.30 gives them, never changed */
    give_frame(s, data_type, closing, 1);
}

static void take_image(session *s, int data_type, const ifp_field *field)
{
    uint8_t ifp[2 + 3 + NON_ECM_MOST];
    int at;

    if (data_type == T38_DATA_V21 || field->length > NON_ECM_MOST)
        return;
    ifp[0] = (uint8_t)(0xC0 | (data_type << 1));
    ifp[1] = 1;
    at = 2 + write_field(ifp + 2, field->type, field->octets, field->length);
    give(s, ifp, at);
}

static void take_field(session *s, int data_type, const ifp_field *field)
{
    switch (field->type) {
    case T38_FIELD_HDLC_DATA:
        append(&s->frame, field);
        break;
    case T38_FIELD_HDLC_FCS_OK:
    case T38_FIELD_HDLC_FCS_OK_SIG_END:
        append(&s->frame, field); /* some senders put the last octets here */
        close_frame(s, data_type, field->type, 1);
        break;
    case T38_FIELD_HDLC_FCS_BAD:
    case T38_FIELD_HDLC_FCS_BAD_SIG_END:
        close_frame(s, data_type, field->type, 0);
        break;
    case T38_FIELD_HDLC_SIG_END:
        s->frame.length = 0;
        give_frame(s, data_type, field->type, 0);
        break;
    default:
        take_image(s, data_type, field);
    }
}

static void take_indicator(session *s, int indicator)
{
    uint8_t ifp = (uint8_t)(indicator << 1);

    if (!guard_indicator(s, indicator))
        return;
    s->frame.length = 0;
    s->frame.broken = 0;
    give(s, &ifp, 1);
}

/* Packets are missing: what is half built cannot be trusted. */
void ifp_lost(session *s)
{
    s->frame.broken = 1;
}

void ifp_take(session *s, const uint8_t *ifp, int length)
{
    ifp_message message;
    int i;

    if (read_message(ifp, length, &message) < 0)
        return;
    if (!message.is_data) {
        take_indicator(s, message.kind);
        return;
    }
    if (message.kind > T38_DATA_V17_14400)
        return;
    if (s->role == ROLE_SEND && message.kind != T38_DATA_V21)
        return; /* images go one way only */
    for (i = 0; i < message.count && !s->muted; i++)
        take_field(s, message.kind, &message.fields[i]);
}
