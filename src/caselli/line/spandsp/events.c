#include "events.h"

#include <string.h>

/* NULL when the queue is full. A far end that sends more frames than anybody reads loses them for the ladder only. */
media_event *event_add(event_queue *queue, int kind, double at)
{
    int room = kind == EVENT_FRAME ? EVENTS_FOR_FRAMES : EVENTS_ROOM;
    media_event *event;

    if (queue->count >= room)
        return NULL;
    event = &queue->ring[(queue->first + queue->count) % EVENTS_ROOM];
    queue->count++;
    memset(event, 0, sizeof(*event));
    event->kind = kind;
    event->at = at;
    return event;
}

int event_take(event_queue *queue, media_event *event)
{
    if (queue->count == 0)
        return 0;
    *event = queue->ring[queue->first];
    queue->count--;
    queue->first = queue->count ? (queue->first + 1) % EVENTS_ROOM : 0;
    return 1;
}
