// What RingListener uses of libmicrohttpd. MHD_start_daemon is variadic, so its options go through the array form.
#include <microhttpd.h>
#include <stddef.h>

static inline struct MHD_Daemon *cring_mhd_start(unsigned int flags, unsigned short port, MHD_AcceptPolicyCallback apc,
    void *apc_cls, MHD_AccessHandlerCallback handler, void *handler_cls, struct MHD_OptionItem *options) {
    return MHD_start_daemon(flags, port, apc, apc_cls, handler, handler_cls, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
}
