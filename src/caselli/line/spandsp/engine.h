/* The media of one call, without sockets and without a clock: what the files of this folder know of each other.
   Times are seconds of one monotonic clock, given by the caller. Nothing here is shared between threads. */
#ifndef CASELLI_ENGINE_H
#define CASELLI_ENGINE_H

/* spandsp's own structures are opened for three things it has no call for: to judge T.30 frames on audio before they
   are acted on, to bound its image decoder, and to let it send a refused page again. */
#define SPANDSP_EXPOSE_INTERNAL_STRUCTURES
#include <spandsp.h>

#include "events.h"
#include "rtp.h"
#include "udptl.h"

enum {
    ROLE_SEND = 0,
    ROLE_RECEIVE = 1
};

enum {
    MODE_OPEN = 0, /* a socket, no media yet */
    MODE_AUDIO,
    MODE_T38,
    MODE_SILENT /* the far end talks to nobody */
};

enum {
    PATH_ROOM = 256, /* spandsp's own limit, with the closing zero */
    FRAME_ROOM = 260, /* an ECM frame of T.4 annex A: address, control, FCD, number, 256 octets */
    DATAGRAMS_ROOM = 16,
    SAMPLES_PER_SECOND = 8000,
    SAMPLES_PER_TICK = 160
};

typedef struct {
    int family; /* AF_INET, AF_INET6; 0 is nobody */
    int port;
    uint8_t host[16];
} far_address;

typedef struct {
    int length;
    uint8_t octets[UDPTL_DATAGRAM_ROOM];
} datagram;

typedef struct {
    int role;
    int calling;
    const char *document;
    const char *station_id;
    int first_page;
    int pages;
    int max_rate;
    int ecm;
    int silent;
    int drop_in_page;
    int withhold_confirmation;
} session_options;

/* Where the fax stands, as its T.30 frames tell. Pages count from 1 in the whole fax. */
typedef struct {
    int page; /* on the line now, 0 between pages */
    double page_began;
    int next_page;
    int confirmed;
    int far_frames; /* T.30 frames heard from the far end */
    int last_command; /* the latest post-message command of either end: EOP, MPS, EOM */
    int last_page_out;
    int last_page_confirmed;
    int rate;
    int ecm;
    t30_stats_t received; /* of the page we are about to confirm */
    int received_waits;
    int over; /* spandsp's phase E was reached */
    int code;
} fax_progress;

/* An HDLC frame of T.38 while it comes in, in the order of the wire. */
typedef struct {
    int length;
    int broken;
    uint8_t octets[FRAME_ROOM];
} frame_assembly;

typedef struct session {
    int id;
    int role;
    int calling;
    int first_page;
    int pages;
    int max_rate;
    int ecm;
    int silent;
    int drop_in_page;
    int withhold_confirmation;
    char document[PATH_ROOM];
    char station_id[T30_MAX_IDENT_LEN + 1];

    int mode;
    double now;
    double last_tick;
    double sample_debt; /* part of a sample left over from the last tick */
    int muted; /* say and hear nothing any more */
    int stop; /* end at the next chance */
    int stop_code; /* a T30_ERR_ value that overrules spandsp's verdict, or -1 */
    int told_end;
    int heard_fax;
    int decoder_width; /* pixels for which the image decoder's rows have their room */
    int control_frames; /* judged since the last tick */

    far_address signalled;
    far_address far;
    t38_terminal_state_t *t38;
    fax_state_t *audio;
    modem_connect_tones_rx_state_t tones;
    fax_progress fax;
    uint16_t next_ifp; /* spandsp sees an unbroken sequence: gaps are ours to handle */
    frame_assembly frame;
    int out_first, out_count, out_last;

    /* for the loop alone */
    struct session *next;
    int socket;

    /* what is large comes last: a beat touches little of it */
    udptl_state udptl;
    event_queue events;
    rtp_state rtp;
    datagram out[DATAGRAMS_ROOM];
} session;

/* session.c: the surface */
session *session_new(int id, const session_options *options);
void session_free(session *s);
int session_start_audio(session *s, const char *host, int port, int payload, double now);
int session_start_t38(session *s, const char *host, int port, int max_datagram, int redundancy, double now);
void session_close(session *s, double now);
void session_receive(session *s, const uint8_t *data, int length, const far_address *source, double now);
void session_tick(session *s, double now);
int session_receive_from(session *s, const uint8_t *data, int length, const char *host, int port, double now);
int session_next_datagram(session *s, uint8_t *octets, char *host, int *port);
int session_next_event(session *s, media_event *event);
int session_number(const session *s);
t30_state_t *session_t30(session *s);
datagram *session_reserve(session *s);
void session_settle(session *s);

/* audio.c */
int audio_receive(session *s, const uint8_t *data, int length);
void audio_tick(session *s);

/* terminal.c: spandsp set up, and what it calls back */
int terminal_start_audio(session *s);
int terminal_start_t38(session *s);
int terminal_step_t38(session *s, int samples);
void terminal_stop(session *s);
int terminal_verdict(session *s);
void terminal_tell_frame(session *s, int sent, const uint8_t *frame, int length);
void terminal_count_frame(session *s, int sent, const uint8_t *frame, int length);

/* ifp.c: T.38 packets from the far end, taken apart, judged, and given to spandsp in its own words */
void ifp_take(session *s, const uint8_t *ifp, int length);
void ifp_lost(session *s);

/* guard.c: what may reach spandsp */
int guard_frame(session *s, uint8_t *frame, int *length, int from_image_modem);
int guard_indicator(const session *s, int indicator);
int guard_decoder(session *s);
void guard_audio_frames(session *s);

#endif
