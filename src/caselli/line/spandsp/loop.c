/* One beat for all calls: at each one the sockets that have something are read, time passes for every session, and what
   they have to say goes out. No packet wakes the process by itself: at 30 calls that would be 1,000 times a second. */
#define _GNU_SOURCE
#include "loop.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    BATCH = DATAGRAMS_ROOM,
    BATCHES_A_BEAT = 2, /* a flooding peer gets no more than this of our time */
    READY_A_BEAT = 512
};

static const double AUDIO_BEAT = 0.02;
static const double T38_BEAT = 0.05; /* one image packet: waking up in between costs more than sending it */
static const double TOO_LATE = 0.2;

struct media_loop {
    int epoll;
    session *sessions;
    session *ready_at;
    double next_beat;
    struct mmsghdr messages[BATCH];
    struct iovec slices[BATCH];
    struct sockaddr_storage names[BATCH];
    uint8_t octets[BATCH][UDPTL_DATAGRAM_ROOM + 4];
};

double loop_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

media_loop *loop_new(void)
{
    media_loop *loop = calloc(1, sizeof(*loop));

    if (loop == NULL)
        return NULL;
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (loop->epoll < 0) {
        free(loop);
        return NULL;
    }
    loop->next_beat = loop_now();
    return loop;
}

/* Sessions and their sockets stay the caller's. */
void loop_free(media_loop *loop)
{
    close(loop->epoll);
    free(loop);
}

/* 0, or a negative errno. ``socket`` must not block. */
int loop_add(media_loop *loop, session *s, int socket)
{
    struct epoll_event interest = {.events = EPOLLIN, .data = {.ptr = s}};

    if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, socket, &interest) < 0)
        return -errno;
    s->socket = socket;
    s->next = loop->sessions;
    loop->sessions = s;
    return 0;
}

void loop_remove(media_loop *loop, session *s)
{
    session **link = &loop->sessions;

    while (*link && *link != s)
        link = &(*link)->next;
    if (*link == NULL)
        return;
    *link = s->next;
    if (loop->ready_at == s)
        loop->ready_at = s->next;
    epoll_ctl(loop->epoll, EPOLL_CTL_DEL, s->socket, NULL);
    s->socket = -1;
}

/* The next session that has events, NULL when all were seen; then it begins anew. */
session *loop_ready(media_loop *loop)
{
    session *s = loop->ready_at;

    while (s && s->events.count == 0)
        s = s->next;
    loop->ready_at = s ? s->next : loop->sessions;
    return s;
}

static void read_name(const struct sockaddr_storage *name, far_address *address)
{
    memset(address, 0, sizeof(*address));
    address->family = name->ss_family;
    if (name->ss_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)name;

        address->port = ntohs(v4->sin_port);
        memcpy(address->host, &v4->sin_addr, sizeof(v4->sin_addr));
    } else if (name->ss_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)name;

        address->port = ntohs(v6->sin6_port);
        memcpy(address->host, &v6->sin6_addr, sizeof(v6->sin6_addr));
    }
}

static socklen_t write_name(const far_address *address, struct sockaddr_storage *name)
{
    if (address->family == AF_INET) {
        struct sockaddr_in *v4 = (struct sockaddr_in *)name;

        memset(v4, 0, sizeof(*v4));
        v4->sin_family = AF_INET;
        v4->sin_port = htons((uint16_t)address->port);
        memcpy(&v4->sin_addr, address->host, sizeof(v4->sin_addr));
        return sizeof(*v4);
    } else {
        struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)name;

        memset(v6, 0, sizeof(*v6));
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons((uint16_t)address->port);
        memcpy(&v6->sin6_addr, address->host, sizeof(v6->sin6_addr));
        return sizeof(*v6);
    }
}

static void read_socket(media_loop *loop, session *s, double now)
{
    far_address source;
    int batch, count, i;

    for (batch = 0; batch < BATCHES_A_BEAT; batch++) {
        for (i = 0; i < BATCH; i++) {
            loop->slices[i].iov_base = loop->octets[i];
            loop->slices[i].iov_len = sizeof(loop->octets[i]);
            memset(&loop->messages[i].msg_hdr, 0, sizeof(loop->messages[i].msg_hdr));
            loop->messages[i].msg_hdr.msg_name = &loop->names[i];
            loop->messages[i].msg_hdr.msg_namelen = sizeof(loop->names[i]);
            loop->messages[i].msg_hdr.msg_iov = &loop->slices[i];
            loop->messages[i].msg_hdr.msg_iovlen = 1;
        }
        count = recvmmsg(s->socket, loop->messages, BATCH, MSG_DONTWAIT, NULL);
        for (i = 0; i < count; i++) {
            if (loop->messages[i].msg_hdr.msg_flags & MSG_TRUNC)
                continue;
            read_name(&loop->names[i], &source);
            session_receive(s, loop->octets[i], (int)loop->messages[i].msg_len, &source, now);
        }
        if (count < BATCH)
            return;
    }
}

static void read_sockets(media_loop *loop, double now)
{
    struct epoll_event readable[READY_A_BEAT];
    int count, i;

    /* Level triggered, and the kernel turns its list: what does not fit now comes at the next beat. */
    count = epoll_wait(loop->epoll, readable, READY_A_BEAT, 0);
    for (i = 0; i < count; i++)
        read_socket(loop, readable[i].data.ptr, now);
}

static void write_socket(media_loop *loop, session *s)
{
    struct sockaddr_storage name;
    socklen_t name_length = write_name(&s->far, &name);
    int count = s->out_count < BATCH ? s->out_count : BATCH, i;

    if (count == 1) {
        sendto(s->socket, s->out[s->out_first].octets, (size_t)s->out[s->out_first].length, MSG_DONTWAIT,
               (struct sockaddr *)&name, name_length);
    } else {
        for (i = 0; i < count; i++) {
            datagram *out = &s->out[(s->out_first + i) % DATAGRAMS_ROOM];

            loop->slices[i].iov_base = out->octets;
            loop->slices[i].iov_len = (size_t)out->length;
            memset(&loop->messages[i].msg_hdr, 0, sizeof(loop->messages[i].msg_hdr));
            loop->messages[i].msg_hdr.msg_name = &name;
            loop->messages[i].msg_hdr.msg_namelen = name_length;
            loop->messages[i].msg_hdr.msg_iov = &loop->slices[i];
            loop->messages[i].msg_hdr.msg_iovlen = 1;
        }
        sendmmsg(s->socket, loop->messages, (unsigned)count, MSG_DONTWAIT);
    }
    /* What the kernel would not take is lost like any other datagram. */
    s->out_first = 0;
    s->out_count = 0;
}

static int beat(media_loop *loop, double now)
{
    session *s;
    int events = 0, audio = 0;

    read_sockets(loop, now);
    for (s = loop->sessions; s; s = s->next) {
        session_tick(s, now);
        if (s->out_count)
            write_socket(loop, s);
        audio |= s->mode == MODE_AUDIO;
        events |= s->events.count;
    }
    loop->next_beat += audio ? AUDIO_BEAT : T38_BEAT;
    if (now - loop->next_beat > TOO_LATE)
        loop->next_beat = now;
    return events ? LOOP_EVENTS : 0;
}

static int wait_for_beat(const media_loop *loop, int control, int has_output, int wake)
{
    struct pollfd watched[2] = {{.fd = control, .events = POLLIN}, {.fd = wake, .events = POLLIN}};
    struct timespec rest = {0, 0};
    double left = loop->next_beat - loop_now();
    int reason = 0;

    if (has_output)
        watched[0].events |= POLLOUT;
    if (left > 0)
        rest.tv_nsec = (long)(left * 1e9);
    if (ppoll(watched, 2, loop->sessions ? &rest : NULL, NULL) < 0)
        return errno == EINTR ? LOOP_WAKE : -errno;
    if (watched[0].revents)
        reason |= LOOP_CONTROL;
    if (watched[1].revents)
        reason |= LOOP_WAKE;
    return reason;
}

/* Serve all calls until there is something for the caller: LOOP_ flags, or a negative errno. ``has_output``: the caller
   waits to write to ``control``. */
int loop_run(media_loop *loop, int control, int has_output, int wake)
{
    double now;
    int reason;

    loop->ready_at = loop->sessions;
    for (;;) {
        reason = wait_for_beat(loop, control, has_output, wake);
        if (reason < 0)
            return reason;
        now = loop_now();
        if (loop->sessions == NULL)
            loop->next_beat = now;
        else if (now >= loop->next_beat)
            reason |= beat(loop, now);
        if (reason)
            return reason;
    }
}
