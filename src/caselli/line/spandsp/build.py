"""Compiles the engine of this folder into ``caselli.line.spandsp._spandsp`` (cffi, API mode).

Needs gcc, libspandsp-dev (0.0.6) and libtiff-dev. The declarations below are what Python may touch of it.
"""

import os
from pathlib import Path

from cffi import FFI

FOLDER = Path(os.path.relpath(Path(__file__).parent))  # setuptools wants paths below its own folder
SOURCES = ("events", "udptl", "rtp", "ifp", "guard", "terminal", "audio", "session", "loop", "floor")

DECLARATIONS = """
typedef struct session session;
typedef struct media_loop media_loop;

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

#define EVENT_FAX_HEARD ...
#define EVENT_FRAME ...
#define EVENT_NEGOTIATED ...
#define EVENT_PAGE_STARTED ...
#define EVENT_LAST_PAGE_OUT ...
#define EVENT_PAGE_ENDED ...
#define EVENT_ENDED ...

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
    char text[...];
    char remote_id[...];
    int octet_count;
    uint8_t octets[...];
} media_event;

#define PATH_ROOM ...
#define UDPTL_DATAGRAM_ROOM ...
#define UDPTL_IFP_ROOM ...

session *session_new(int id, const session_options *options);
void session_free(session *s);
int session_start_audio(session *s, const char *host, int port, int payload, double now);
int session_start_t38(session *s, const char *host, int port, int max_datagram, int redundancy, double now);
void session_close(session *s, double now);
void session_tick(session *s, double now);
int session_receive_from(session *s, const uint8_t *data, int length, const char *host, int port, double now);
int session_next_datagram(session *s, uint8_t *octets, char *host, int *port);
int session_next_event(session *s, media_event *event);
int session_number(const session *s);

#define LOOP_CONTROL ...
#define LOOP_WAKE ...
#define LOOP_EVENTS ...

media_loop *loop_new(void);
void loop_free(media_loop *loop);
int loop_add(media_loop *loop, session *s, int socket);
void loop_remove(media_loop *loop, session *s);
int loop_run(media_loop *loop, int control, int has_output, int wake);
session *loop_ready(media_loop *loop);
double loop_now(void);

typedef struct { ...; } udptl_state;
typedef struct { const uint8_t *octets; int length; } udptl_slice;
typedef struct { int count; int lost; udptl_slice ifp[...]; } udptl_arrival;
void udptl_start(udptl_state *u, int redundancy, int max_datagram);
int udptl_write(udptl_state *u, const uint8_t *ifp, int length, uint8_t *datagram);
int udptl_read(udptl_state *u, const uint8_t *datagram, int length, udptl_arrival *arrival);

typedef struct {
    int pages;
    int code;
    double line_seconds;
    double send_cpu;
    double receive_cpu;
} floor_cost;
int floor_measure(const char *document, const char *received, floor_cost *cost);
"""

ffibuilder = FFI()
ffibuilder.cdef(DECLARATIONS)
ffibuilder.set_source(
    "caselli.line.spandsp._spandsp",
    '#include "engine.h"\n#include "loop.h"\n#include "floor.h"\n',
    sources=[str(FOLDER / f"{name}.c") for name in SOURCES],
    depends=[str(FOLDER / name) for name in ("engine.h", "events.h", "udptl.h", "rtp.h", "loop.h", "floor.h")],
    include_dirs=[str(FOLDER)],
    libraries=["spandsp", "tiff", "m"],
    extra_compile_args=["-O2", "-std=gnu11", "-Wall", "-Wextra", "-Wno-unused-parameter", "-Wno-sign-compare"],
)

if __name__ == "__main__":
    ffibuilder.compile(tmpdir=str(FOLDER / ".." / ".." / ".."), verbose=True)
