/* What a fax costs spandsp alone: the measure that benchmarks hold ours against. */
#ifndef CASELLI_FLOOR_H
#define CASELLI_FLOOR_H

typedef struct {
    int pages;
    int code; /* spandsp's verdict at the sender */
    double line_seconds;
    double send_cpu;
    double receive_cpu;
} floor_cost;

int floor_measure(const char *document, const char *received, floor_cost *cost);

#endif
