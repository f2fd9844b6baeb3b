/* What a session tells: a bounded queue of plain facts. */
#ifndef CASELLI_EVENTS_H
#define CASELLI_EVENTS_H

#include <stdint.h>

enum {
    EVENT_FAX_HEARD = 1, /* text: the tone */
    EVENT_FRAME, /* sent, text: its name, octets */
    EVENT_NEGOTIATED, /* text: remote id, rate, ecm */
    EVENT_PAGE_STARTED, /* number */
    EVENT_LAST_PAGE_OUT,
    EVENT_PAGE_ENDED, /* number and the page's facts */
    EVENT_ENDED /* code, text, number: pages confirmed, rate, ecm, remote_id */
};

enum {
    EVENTS_ROOM = 96,
    EVENTS_FOR_FRAMES = 64, /* the rest is kept for what must never be dropped */
    EVENT_OCTETS_ROOM = 64,
    EVENT_TEXT_ROOM = 80,
    EVENT_REMOTE_ROOM = 24
};

typedef struct {
    int kind;
    double at;
    int sent;
    int number;
    int confirmed;
    int code;
    int rate;
    int ecm;
    int width;
    int length;
    int size;
    int bad_rows;
    int longest_bad_run;
    int ecm_retries;
    double seconds;
    char text[EVENT_TEXT_ROOM];
    char remote_id[EVENT_REMOTE_ROOM];
    int octet_count;
    uint8_t octets[EVENT_OCTETS_ROOM];
} media_event;

typedef struct {
    int first;
    int count;
    media_event ring[EVENTS_ROOM];
} event_queue;

media_event *event_add(event_queue *queue, int kind, double at);
int event_take(event_queue *queue, media_event *event);

#endif
