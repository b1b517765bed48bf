// What RingListener uses of libmicrohttpd. MHD_start_daemon is variadic, so its options go through the array form; the
// other wrappers stand for variadic functions and for casts that Swift cannot write without guessing.
#include <limits.h>
#include <microhttpd.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

typedef void *(*cring_mhd_target_callback)(void *cls, const char *target, struct MHD_Connection *connection);

static inline struct MHD_Daemon *cring_mhd_start(unsigned int flags, unsigned short port, MHD_AcceptPolicyCallback apc,
    void *apc_cls, MHD_AccessHandlerCallback handler, void *handler_cls, struct MHD_OptionItem *options) {
    return MHD_start_daemon(flags, port, apc, apc_cls, handler, handler_cls, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
}

static inline struct MHD_OptionItem cring_mhd_on_completed(MHD_RequestCompletedCallback callback, void *cls) {
    struct MHD_OptionItem item = {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)callback, cls};
    return item;
}

static inline struct MHD_OptionItem cring_mhd_on_target(cring_mhd_target_callback callback, void *cls) {
    struct MHD_OptionItem item = {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)callback, cls};
    return item;
}

static inline struct MHD_OptionItem cring_mhd_on_connection(MHD_NotifyConnectionCallback callback, void *cls) {
    struct MHD_OptionItem item = {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)callback, cls};
    return item;
}

// What the connection's callback stored for it.
static inline void *cring_mhd_context(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info == NULL ? NULL : info->socket_context;
}

// The descriptor that is readable when the engine has something to do.
static inline int cring_mhd_epoll(struct MHD_Daemon *daemon) {
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
    return info == NULL ? -1 : info->epoll_fd;
}

// After how many milliseconds the engine has something to do, whatever happens to its descriptor; -1 for never.
static inline int cring_mhd_timeout(struct MHD_Daemon *daemon) {
    MHD_UNSIGNED_LONG_LONG timeout;
    if (MHD_get_timeout(daemon, &timeout) != MHD_YES) { return -1; }
    return timeout > INT_MAX ? INT_MAX : (int)timeout;
}

// The number of descriptors that the process may have open; -1 when there is no limit.
static inline long cring_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) { return -1; }
    return limit.rlim_cur > LONG_MAX ? -1 : (long)limit.rlim_cur;
}

// A client that left must not end the process.
static inline void cring_block_sigpipe(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static inline int cring_mhd_socket(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info == NULL ? -1 : (int)info->connect_fd;
}

// After how many seconds of silence the engine closes a connection; 0 for never. On the engine's thread only.
static inline void cring_mhd_set_timeout(struct MHD_Connection *connection, unsigned int seconds) {
    MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT, seconds);
}

static inline const struct sockaddr *cring_mhd_peer(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return info == NULL ? NULL : info->client_addr;
}

// Lets a test response lie about its length.
static inline enum MHD_Result cring_mhd_allow_any_length(struct MHD_Response *response) {
    return MHD_set_response_options(response, MHD_RF_INSANITY_HEADER_CONTENT_LENGTH, MHD_RO_END);
}

#ifdef __linux__
#include <sys/epoll.h>
#include <sys/eventfd.h>

// A watch for peers that hang up while nobody reads their socket.
static inline int cring_watch_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

static inline int cring_watch_add(int watch, int fd, uint64_t id) {
    struct epoll_event event = {.events = EPOLLRDHUP | EPOLLONESHOT, .data = {.u64 = id}};
    return epoll_ctl(watch, EPOLL_CTL_ADD, fd, &event);
}

// As cring_watch_add, but for a peer that has closed its own side already: only a broken connection counts.
static inline int cring_watch_add_broken(int watch, int fd, uint64_t id) {
    struct epoll_event event = {.events = EPOLLONESHOT, .data = {.u64 = id}};
    return epoll_ctl(watch, EPOLL_CTL_ADD, fd, &event);
}

static inline int cring_watch_remove(int watch, int fd) {
    struct epoll_event unused = {0};
    return epoll_ctl(watch, EPOLL_CTL_DEL, fd, &unused);
}

// One hang-up; 1 with its id, anything else when there is none.
static inline int cring_watch_next(int watch, uint64_t *id) {
    struct epoll_event event;
    int count = epoll_wait(watch, &event, 1, 0);
    if (count == 1) { *id = event.data.u64; }
    return count;
}

// Wakes a thread that polls.
static inline int cring_wake_create(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }
static inline void cring_wake(int fd) { eventfd_write(fd, 1); }
static inline void cring_wake_clear(int fd) {
    eventfd_t count;
    eventfd_read(fd, &count);
}
#else
// The engine itself needs epoll, so nothing is served elsewhere.
static inline int cring_watch_create(void) { return -1; }
static inline int cring_watch_add(int watch, int fd, uint64_t id) { return -1; }
static inline int cring_watch_add_broken(int watch, int fd, uint64_t id) { return -1; }
static inline int cring_watch_remove(int watch, int fd) { return -1; }
static inline int cring_watch_next(int watch, uint64_t *id) { return -1; }
static inline int cring_wake_create(void) { return -1; }
static inline void cring_wake(int fd) {}
static inline void cring_wake_clear(int fd) {}
#endif
