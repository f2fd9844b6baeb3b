/* The sockets of all calls of a process, served together. */
#ifndef CASELLI_LOOP_H
#define CASELLI_LOOP_H

#include "engine.h"

enum {
    LOOP_CONTROL = 1, /* the control descriptor is readable, or writable when that was asked */
    LOOP_WAKE = 2, /* the wake descriptor is readable */
    LOOP_EVENTS = 4 /* sessions have events: loop_ready() */
};

typedef struct media_loop media_loop;

media_loop *loop_new(void);
void loop_free(media_loop *loop);
int loop_add(media_loop *loop, session *s, int socket);
void loop_remove(media_loop *loop, session *s);
int loop_run(media_loop *loop, int control, int has_output, int wake);
session *loop_ready(media_loop *loop);
double loop_now(void);

#endif
