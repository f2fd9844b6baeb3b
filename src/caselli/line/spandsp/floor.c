/* Pairs of spandsp's T.38 terminals in virtual time, 20 ms a step, all calls side by side as they are on the line, their
   packets handed over in memory: no sockets, no UDPTL, no checks. The thread's CPU clock takes the two ends apart. */
#define _GNU_SOURCE
#define SPANDSP_EXPOSE_INTERNAL_STRUCTURES
#include <spandsp.h>

#include "floor.h"

#include <stdio.h>
#include <time.h>

enum {
    STEP = 160,
    PACKETS_A_STEP = 32,
    PACKET_ROOM = 400
};

static const double LONGEST = 3600.0;

typedef struct {
    int count;
    uint16_t sequence;
    int length[PACKETS_A_STEP];
    uint8_t octets[PACKETS_A_STEP][PACKET_ROOM];
    int over;
    int code;
    int pages;
    t38_terminal_state_t *terminal;
} floor_end;

static double cpu_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static int on_packet(t38_core_state_t *core, void *user_data, const uint8_t *ifp, int length, int count)
{
    floor_end *end = user_data;

    (void)core;
    (void)count;
    if (end->count < PACKETS_A_STEP && length <= PACKET_ROOM) {
        end->length[end->count] = length;
        memcpy(end->octets[end->count++], ifp, (size_t)length);
    }
    return 0;
}

static void on_end(t30_state_t *t30, void *user_data, int code)
{
    floor_end *end = user_data;
    t30_stats_t stats;

    t30_get_transfer_statistics(t30, &stats);
    end->over = 1;
    end->code = code;
    end->pages = stats.pages_tx;
}

static t30_state_t *start_end(int calling, floor_end *end)
{
    t30_state_t *t30;

    end->terminal = t38_terminal_init(NULL, calling, on_packet, end);
    if (end->terminal == NULL)
        return NULL;
    t30 = t38_terminal_get_t30_state(end->terminal);
    t30_set_phase_e_handler(t30, on_end, end);
    t30_set_ecm_capability(t30, 1);
    t30_set_supported_modems(t30, T30_SUPPORT_V17 | T30_SUPPORT_V29 | T30_SUPPORT_V27TER);
    t30_set_supported_compressions(
        t30, T30_SUPPORT_T4_1D_COMPRESSION | T30_SUPPORT_T4_2D_COMPRESSION | T30_SUPPORT_T6_COMPRESSION);
    return t30;
}

static int start_calls(floor_end *senders, floor_end *receivers, const char *document, const char *folder, int calls)
{
    char path[256];
    t30_state_t *sender, *receiver;
    int i;

    for (i = 0; i < calls; i++) {
        sender = start_end(1, &senders[i]);
        receiver = start_end(0, &receivers[i]);
        if (sender == NULL || receiver == NULL)
            return -1;
        snprintf(path, sizeof(path), "%s/floor-%d.tif", folder, i);
        t30_set_tx_file(sender, document, -1, -1);
        t30_set_rx_encoding(receiver, T4_COMPRESSION_ITU_T6);
        t30_set_rx_file(receiver, path, -1);
    }
    return 0;
}

/* One step of all ends of one kind: what came for each, then 20 ms. The CPU seconds it took. */
static double step(floor_end *mine, floor_end *theirs, int calls)
{
    double began = cpu_now();
    int call, i;

    for (call = 0; call < calls; call++) {
        t38_core_state_t *core = t38_terminal_get_t38_core_state(mine[call].terminal);

        for (i = 0; i < theirs[call].count; i++)
            t38_core_rx_ifp_packet(core, theirs[call].octets[i], theirs[call].length[i], theirs[call].sequence++);
        theirs[call].count = 0;
        t38_terminal_send_timeout(mine[call].terminal, STEP);
    }
    return cpu_now() - began;
}

static int all_over(const floor_end *ends, int calls)
{
    int call;

    for (call = 0; call < calls; call++)
        if (!ends[call].over)
            return 0;
    return 1;
}

static void finish(floor_end *ends, int calls)
{
    int call;

    for (call = 0; call < calls; call++)
        if (ends[call].terminal)
            t38_terminal_free(ends[call].terminal);
    free(ends);
}

/* 0, or -1 without memory. The receiving ends write their TIFFs into ``folder``. */
int floor_measure(const char *document, const char *folder, int calls, floor_cost *cost)
{
    floor_end *senders = calloc((size_t)calls, sizeof(*senders)), *receivers = calloc((size_t)calls, sizeof(*receivers));
    int call, failed = start_calls(senders, receivers, document, folder, calls);

    memset(cost, 0, sizeof(*cost));
    while (!failed && !(all_over(senders, calls) && all_over(receivers, calls)) && cost->line_seconds < LONGEST) {
        cost->send_cpu += step(senders, receivers, calls);
        cost->receive_cpu += step(receivers, senders, calls);
        cost->line_seconds += (double)STEP / SAMPLE_RATE;
    }
    for (call = 0; call < calls; call++) {
        cost->pages += senders[call].pages;
        if (senders[call].code > cost->code)
            cost->code = senders[call].code;
    }
    finish(senders, calls);
    finish(receivers, calls);
    return failed;
}
