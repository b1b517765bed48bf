#include "peer.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

void *ring_peer_ice(void *webrtc) {
    void *ice = NULL, *agent = NULL;
    if (!ring_gst_has_property(webrtc, "ice-agent")) return NULL;
    ring_gst.g_object_get(webrtc, "ice-agent", &ice, NULL);
    if (ice && ring_gst_has_property(ice, "agent")) ring_gst.g_object_get(ice, "agent", &agent, NULL);
    if (!agent) return ice;
    // libnice waits 200 ms for a router otherwise.
    if (ring_gst_has_property(agent, "upnp")) ring_gst.g_object_set(agent, "upnp", 0, NULL);
    // Candidates of TCP would be ports that listen.
    if (ring_gst_has_property(agent, "ice-tcp")) ring_gst.g_object_set(agent, "ice-tcp", 0, NULL);
    ring_gst.g_object_unref(agent);
    return ice;
}

void ring_peer_add_addresses(void *ice, bool is_all) {
    struct ifaddrs *list = NULL;
    if (getifaddrs(&list)) return;
    for (struct ifaddrs *item = list; item; item = item->ifa_next) {
        if (!item->ifa_addr || !(item->ifa_flags & IFF_UP)) continue;
        if (!(item->ifa_flags & IFF_LOOPBACK) && !is_all) continue;
        const void *address = NULL;
        if (item->ifa_addr->sa_family == AF_INET) {
            address = &((struct sockaddr_in *)(void *)item->ifa_addr)->sin_addr;
        } else if (item->ifa_addr->sa_family == AF_INET6) {
            const struct in6_addr *long_address = &((struct sockaddr_in6 *)(void *)item->ifa_addr)->sin6_addr;
            if (!IN6_IS_ADDR_LINKLOCAL(long_address)) address = long_address;
        }
        char text[INET6_ADDRSTRLEN];
        int is_added = 0;
        if (address && inet_ntop(item->ifa_addr->sa_family, address, text, sizeof text))
            ring_gst.g_signal_emit_by_name(ice, "add-local-ip-address", text, &is_added);
    }
    freeifaddrs(list);
}

void ring_peer_put_fingerprint(void *sdp, const char *fingerprint) {
    for (unsigned i = 0; i < ring_gst.gst_sdp_message_medias_len(sdp); i++) {
        void *media = ring_gst.gst_sdp_message_get_media(sdp, i);
        bool had_one = false;
        for (unsigned j = ring_gst.gst_sdp_media_attributes_len(media); j-- > 0;) {
            if (strcmp(ring_gst.gst_sdp_media_get_attribute(media, j)->key, "fingerprint")) continue;
            ring_gst.gst_sdp_media_remove_attribute(media, j);
            had_one = true;
        }
        if (had_one) ring_gst.gst_sdp_media_add_attribute(media, "fingerprint", fingerprint);
    }
}

char *ring_peer_failure(const void *reply) {
    if (!reply || !ring_gst.gst_structure_has_field(reply, "error")) return NULL;
    glib_error *error = NULL;
    ring_gst.gst_structure_get(reply, "error", ring_gst.g_error_get_type(), &error, NULL);
    char *text = strdup(error && error->message ? error->message : "no reason given");
    if (error) ring_gst.g_error_free(error);
    return text;
}

ring_peer_certificate ring_peer_check_certificate(void *dtls, const char *sdp) {
    char *pem = NULL;
    ring_gst.g_object_get(dtls, "peer-pem", &pem, NULL);
    if (!pem) return RING_PEER_NO_CERTIFICATE;
    bool is_known = sdp && ring_gst_names_certificate(sdp, pem);
    ring_gst.g_free(pem);
    return is_known ? RING_PEER_KNOWN : RING_PEER_UNKNOWN;
}
