// What RingListener uses of libmicrohttpd. MHD_start_daemon is variadic, so its options go through the array form; the
// other wrappers stand for variadic functions and for casts that Swift cannot write without guessing.
#include <microhttpd.h>
#include <stddef.h>
#include <stdint.h>


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

static inline int cring_mhd_socket(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info == NULL ? -1 : (int)info->connect_fd;
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

// A watch for peers that hang up while nobody reads their socket.
static inline int cring_watch_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

static inline int cring_watch_add(int watch, int fd, uint64_t id) {
    struct epoll_event event = {.events = EPOLLRDHUP | EPOLLONESHOT, .data = {.u64 = id}};
    return epoll_ctl(watch, EPOLL_CTL_ADD, fd, &event);
}

static inline int cring_watch_remove(int watch, int fd) {
    struct epoll_event unused = {0};
    return epoll_ctl(watch, EPOLL_CTL_DEL, fd, &unused);
}

// Waits for one hang-up; 1 with its id, 0 when interrupted, -1 when the watch is gone.
static inline int cring_watch_next(int watch, uint64_t *id) {
    struct epoll_event event;
    int count = epoll_wait(watch, &event, 1, -1);
    if (count == 1) { *id = event.data.u64; }
    return count;
}
#endif
