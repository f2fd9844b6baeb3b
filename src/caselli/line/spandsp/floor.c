/* Two of spandsp's T.38 terminals back to back in virtual time, 20 ms a step, their packets handed over in memory: no
   sockets, no UDPTL, no checks. The time spent inside each is taken apart by the thread's CPU clock. */
#define _GNU_SOURCE
#define SPANDSP_EXPOSE_INTERNAL_STRUCTURES
#include <spandsp.h>

#include "floor.h"

#include <time.h>

enum {
    STEP = 160,
    PACKETS_A_STEP = 32,
    PACKET_ROOM = 400,
    CLOCK_TRIALS = 20000
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
    double cpu;
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

static t38_terminal_state_t *new_end(int calling, floor_end *end)
{
    t38_terminal_state_t *terminal = t38_terminal_init(NULL, calling, on_packet, end);
    t30_state_t *t30;

    if (terminal == NULL)
        return NULL;
    t30 = t38_terminal_get_t30_state(terminal);
    t30_set_phase_e_handler(t30, on_end, end);
    t30_set_ecm_capability(t30, 1);
    t30_set_supported_modems(t30, T30_SUPPORT_V17 | T30_SUPPORT_V29 | T30_SUPPORT_V27TER);
    t30_set_supported_compressions(
        t30, T30_SUPPORT_T4_1D_COMPRESSION | T30_SUPPORT_T4_2D_COMPRESSION | T30_SUPPORT_T6_COMPRESSION);
    return terminal;
}

/* One step of ``terminal``: what came for it, then 20 ms. */
static void step(t38_terminal_state_t *terminal, floor_end *mine, floor_end *theirs)
{
    t38_core_state_t *core = t38_terminal_get_t38_core_state(terminal);
    double began = cpu_now();
    int i;

    for (i = 0; i < theirs->count; i++)
        t38_core_rx_ifp_packet(core, theirs->octets[i], theirs->length[i], theirs->sequence++);
    theirs->count = 0;
    t38_terminal_send_timeout(terminal, STEP);
    mine->cpu += cpu_now() - began;
}

static double clock_cost(void)
{
    double began = cpu_now();
    int i;

    for (i = 0; i < CLOCK_TRIALS; i++)
        cpu_now();
    return (cpu_now() - began) / CLOCK_TRIALS;
}

/* 0, or -1 without memory. ``received``: where the receiving end writes its TIFF. */
int floor_measure(const char *document, const char *received, floor_cost *cost)
{
    floor_end sending = {0}, receiving = {0};
    t38_terminal_state_t *sender = new_end(1, &sending), *receiver = new_end(0, &receiving);
    double clock = clock_cost(), line = 0.0;
    int steps = 0;

    if (sender == NULL || receiver == NULL)
        return -1;
    t30_set_tx_file(t38_terminal_get_t30_state(sender), document, -1, -1);
    t30_set_rx_encoding(t38_terminal_get_t30_state(receiver), T4_COMPRESSION_ITU_T6);
    t30_set_rx_file(t38_terminal_get_t30_state(receiver), received, -1);
    while (!(sending.over && receiving.over) && line < LONGEST) {
        step(sender, &sending, &receiving);
        step(receiver, &receiving, &sending);
        line += (double)STEP / 8000;
        steps++;
    }
    t38_terminal_free(sender);
    t38_terminal_free(receiver);
    cost->pages = sending.pages;
    cost->code = sending.code;
    cost->line_seconds = line;
    cost->send_cpu = sending.cpu - steps * clock;
    cost->receive_cpu = receiving.cpu - steps * clock;
    return 0;
}
