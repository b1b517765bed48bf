// The part of the binary interface of GStreamer 1.x, GLib and libcrypto 3 that this module uses: declared here, and found with
// dlsym. The layouts are those of 64-bit systems; GStreamer and GLib keep them for all of 1.x and 2.x.
#ifndef RING_GST_FUNCTIONS_H
#define RING_GST_FUNCTIONS_H

#include "CRingGStreamer.h"

typedef struct {
    uintptr_t type;
    int reference_count, lock_state;
    unsigned flags;
    void *copy, *dispose, *free;
    unsigned private_count;
    void *private_pointer;
} gst_mini_object;

typedef struct {
    gst_mini_object base;
    void *pool;
    uint64_t pts, dts, duration;
} gst_buffer;

typedef struct {
    gst_mini_object base;
    unsigned type;
} gst_message;

typedef struct {
    void *memory;
    int flags;
    uint8_t *data;
    size_t size, maximum_size;
    void *user[4], *reserved[4];
} gst_map_info;

typedef struct {
    uint32_t domain;
    int code;
    char *message;
} glib_error;

/// GValue.
typedef struct {
    uintptr_t type;
    uint64_t data[2];
} glib_value;

/// GValueArray.
typedef struct {
    unsigned count;
    glib_value *values;
} glib_value_array;

typedef struct {
    char *key, *value;
} gst_sdp_attribute;

/// GstWebRTCSessionDescription.
typedef struct {
    int type;
    void *sdp;
} gst_session_description;

enum { GST_STATE_NULL = 1, GST_STATE_READY = 2, GST_STATE_PLAYING = 4 };
enum { GST_STATE_CHANGE_FAILURE = 0 };
enum { GST_PAD_SRC = 1, GST_PAD_SINK = 2 };
enum { GST_PAD_LINK_OK = 0 };
enum { GST_BUS_DROP = 0 };
enum { GST_MAP_READ = 1, GST_MAP_WRITE = 2 };
enum { GST_MESSAGE_EOS = 1, GST_MESSAGE_ERROR = 2 };
enum { GST_BUFFER_DISCONT = 1 << 6, GST_BUFFER_DELTA_UNIT = 1 << 13 };
enum { GST_SDP_OK = 0 };
enum { GST_SDP_OFFER = 1, GST_SDP_ANSWER = 3 };
enum { GST_DIRECTION_INACTIVE = 1, GST_DIRECTION_SENDONLY = 2, GST_DIRECTION_RECVONLY = 3 };
enum { GST_BUNDLE_MAXIMUM = 3 };
enum { GST_GATHERING_COMPLETE = 2 };
/// GstPadProbeType and GstPadProbeReturn.
enum { GST_PROBE_BUFFER = 1 << 4, GST_PROBE_BUFFER_LIST = 1 << 5, GST_PROBE_EVENT_UPSTREAM = 1 << 7 };
enum { GST_PROBE_DROP = 0, GST_PROBE_OK = 1, GST_PROBE_REMOVE = 2 };

/// GstPadProbeInfo, its beginning.
typedef struct {
    int type;
    unsigned long id;
    void *data;
} gst_probe_info;

/// The 64-bit clock time that means "none".
#define GST_NO_TIME UINT64_MAX

// Arguments of F: library, return type, name, parameters.
#define RING_GST_FUNCTIONS(F) \
    F(GLIB, void, g_free, (void *)) \
    F(GLIB, void, g_error_free, (glib_error *)) \
    F(GLIB, uint32_t, g_quark_try_string, (const char *)) \
    F(GOBJECT, uintptr_t, g_error_get_type, (void)) \
    F(GOBJECT, void, g_object_set, (void *, const char *, ...)) \
    F(GOBJECT, void, g_object_get, (void *, const char *, ...)) \
    F(GOBJECT, void *, g_object_ref, (void *)) \
    F(GOBJECT, void, g_object_unref, (void *)) \
    F(GOBJECT, void *, g_object_class_find_property, (void *, const char *)) \
    F(GOBJECT, unsigned long, g_signal_connect_data, (void *, const char *, void *, void *, void *, int)) \
    F(GOBJECT, void, g_signal_handler_disconnect, (void *, unsigned long)) \
    F(GOBJECT, void, g_signal_emit_by_name, (void *, const char *, ...)) \
    F(GOBJECT, unsigned, g_signal_lookup, (const char *, uintptr_t)) \
    F(GOBJECT, void *, g_value_get_boxed, (const glib_value *)) \
    F(GOBJECT, void *, g_value_get_object, (const glib_value *)) \
    F(GST, int, gst_init_check, (int *, char ***, glib_error **)) \
    F(GST, void, gst_version, (unsigned *, unsigned *, unsigned *, unsigned *)) \
    F(GST, void *, gst_element_factory_find, (const char *)) \
    F(GST, void *, gst_element_factory_make, (const char *, const char *)) \
    F(GST, void *, gst_element_get_factory, (void *)) \
    F(GST, char *, gst_object_get_name, (void *)) \
    F(GST, void *, gst_object_get_parent, (void *)) \
    F(GST, void *, gst_object_ref, (void *)) \
    F(GST, void, gst_object_unref, (void *)) \
    F(GST, void *, gst_object_ref_sink, (void *)) \
    F(GST, gst_mini_object *, gst_mini_object_ref, (void *)) \
    F(GST, void, gst_mini_object_unref, (void *)) \
    F(GST, void *, gst_pipeline_new, (const char *)) \
    F(GST, void *, gst_bin_new, (const char *)) \
    F(GST, int, gst_bin_add, (void *, void *)) \
    F(GST, int, gst_bin_remove, (void *, void *)) \
    F(GST, void *, gst_bin_get_by_name, (void *, const char *)) \
    F(GST, void *, gst_parse_bin_from_description, (const char *, int, glib_error **)) \
    F(GST, void *, gst_parse_launch, (const char *, glib_error **)) \
    F(GST, void *, gst_element_get_bus, (void *)) \
    F(GST, void, gst_bus_set_sync_handler, (void *, void *, void *, void *)) \
    F(GST, gst_message *, gst_bus_timed_pop_filtered, (void *, uint64_t, unsigned)) \
    F(GST, void, gst_message_parse_error, (void *, glib_error **, char **)) \
    F(GST, int, gst_element_set_state, (void *, int)) \
    F(GST, int, gst_element_get_state, (void *, int *, int *, uint64_t)) \
    F(GST, int, gst_element_set_locked_state, (void *, int)) \
    F(GST, int, gst_element_sync_state_with_parent, (void *)) \
    F(GST, int, gst_element_link, (void *, void *)) \
    F(GST, int, gst_element_send_event, (void *, void *)) \
    F(GST, void *, gst_element_get_static_pad, (void *, const char *)) \
    F(GST, void *, gst_element_request_pad_simple, (void *, const char *)) \
    F(GST, void *, gst_element_request_pad, (void *, void *, const char *, const void *)) \
    F(GST, void *, gst_element_get_pad_template, (void *, const char *)) \
    F(GST, uint64_t, gst_element_get_current_running_time, (void *)) \
    F(GST, void, gst_element_release_request_pad, (void *, void *)) \
    F(GST, int, gst_pad_get_direction, (void *)) \
    F(GST, void *, gst_pad_get_current_caps, (void *)) \
    F(GST, int, gst_pad_link, (void *, void *)) \
    F(GST, void *, gst_pad_get_peer, (void *)) \
    F(GST, int, gst_pad_send_event, (void *, void *)) \
    F(GST, int, gst_pad_push_event, (void *, void *)) \
    F(GST, unsigned long, gst_pad_add_probe, (void *, int, void *, void *, void *)) \
    F(GST, int, gst_pad_chain, (void *, gst_buffer *)) \
    F(GST, void *, gst_event_new_eos, (void)) \
    F(GST, const void *, gst_event_get_structure, (void *)) \
    F(GST, void *, gst_event_new_custom, (unsigned, void *)) \
    F(GST, void *, gst_caps_from_string, (const char *)) \
    F(GST, char *, gst_caps_to_string, (const void *)) \
    F(GST, unsigned, gst_caps_get_size, (const void *)) \
    F(GST, void *, gst_caps_get_structure, (void *, unsigned)) \
    F(GST, void *, gst_structure_from_string, (const char *, char **)) \
    F(GST, char *, gst_structure_to_string, (const void *)) \
    F(GST, void, gst_structure_free, (void *)) \
    F(GST, const char *, gst_structure_get_string, (const void *, const char *)) \
    F(GST, const glib_value *, gst_structure_get_value, (const void *, const char *)) \
    F(GST, const char *, gst_structure_get_name, (const void *)) \
    F(GST, int, gst_structure_get, (const void *, const char *, ...)) \
    F(GST, int, gst_structure_get_int, (const void *, const char *, int *)) \
    F(GST, int, gst_structure_get_uint, (const void *, const char *, unsigned *)) \
    F(GST, int, gst_structure_get_uint64, (const void *, const char *, uint64_t *)) \
    F(GST, int, gst_structure_has_field, (const void *, const char *)) \
    F(GST, void *, gst_promise_new, (void)) \
    F(GST, void *, gst_promise_new_with_change_func, (void *, void *, void *)) \
    F(GST, int, gst_promise_wait, (void *)) \
    F(GST, const void *, gst_promise_get_reply, (void *)) \
    F(GST, gst_buffer *, gst_buffer_new_allocate, (void *, size_t, void *)) \
    F(GST, size_t, gst_buffer_fill, (gst_buffer *, size_t, const void *, size_t)) \
    F(GST, size_t, gst_buffer_get_size, (gst_buffer *)) \
    F(GST, size_t, gst_buffer_extract, (gst_buffer *, size_t, void *, size_t)) \
    F(GST, unsigned, gst_buffer_list_length, (void *)) \
    F(GST, gst_buffer *, gst_buffer_list_get, (void *, unsigned)) \
    F(GST, int, gst_buffer_map, (gst_buffer *, gst_map_info *, int)) \
    F(GST, void, gst_buffer_unmap, (gst_buffer *, gst_map_info *)) \
    F(GSTSDP, int, gst_sdp_message_new_from_text, (const char *, void **)) \
    F(GSTSDP, void, gst_sdp_message_free, (void *)) \
    F(GSTSDP, char *, gst_sdp_message_as_text, (const void *)) \
    F(GSTSDP, unsigned, gst_sdp_message_medias_len, (const void *)) \
    F(GSTSDP, void *, gst_sdp_message_get_media, (const void *, unsigned)) \
    F(GSTSDP, unsigned, gst_sdp_media_attributes_len, (const void *)) \
    F(GSTSDP, gst_sdp_attribute *, gst_sdp_media_get_attribute, (const void *, unsigned)) \
    F(GSTSDP, int, gst_sdp_media_remove_attribute, (void *, unsigned)) \
    F(GSTSDP, int, gst_sdp_media_add_attribute, (void *, const char *, const char *)) \
    F(GSTSDP, int, gst_sdp_media_add_format, (void *, const char *)) \
    F(GSTWEBRTC, gst_session_description *, gst_webrtc_session_description_new, (int, void *)) \
    F(GSTWEBRTC, void, gst_webrtc_session_description_free, (gst_session_description *)) \
    F(GSTWEBRTC, uintptr_t, gst_webrtc_session_description_get_type, (void)) \
    F(CRYPTO, void *, EVP_PKEY_Q_keygen, (void *, const char *, const char *, ...)) \
    F(CRYPTO, void, EVP_PKEY_free, (void *)) \
    F(CRYPTO, const void *, EVP_sha256, (void)) \
    F(CRYPTO, const void *, EVP_sha384, (void)) \
    F(CRYPTO, const void *, EVP_sha512, (void)) \
    F(CRYPTO, void *, BIO_new_mem_buf, (const void *, int)) \
    F(CRYPTO, void *, PEM_read_bio_X509, (void *, void *, void *, void *)) \
    F(CRYPTO, void *, X509_new, (void)) \
    F(CRYPTO, void, X509_free, (void *)) \
    F(CRYPTO, void *, X509_get_serialNumber, (void *)) \
    F(CRYPTO, int, ASN1_INTEGER_set_uint64, (void *, uint64_t)) \
    F(CRYPTO, int, RAND_bytes, (unsigned char *, int)) \
    F(CRYPTO, int, X509_set_version, (void *, long)) \
    F(CRYPTO, void *, X509_getm_notBefore, (void *)) \
    F(CRYPTO, void *, X509_getm_notAfter, (void *)) \
    F(CRYPTO, void *, X509_gmtime_adj, (void *, long)) \
    F(CRYPTO, int, X509_set_pubkey, (void *, void *)) \
    F(CRYPTO, void *, X509_get_subject_name, (void *)) \
    F(CRYPTO, int, X509_NAME_add_entry_by_txt, (void *, const char *, int, const unsigned char *, int, int, int)) \
    F(CRYPTO, int, X509_set_issuer_name, (void *, void *)) \
    F(CRYPTO, int, X509_sign, (void *, void *, const void *)) \
    F(CRYPTO, int, X509_digest, (void *, const void *, unsigned char *, unsigned *)) \
    F(CRYPTO, const void *, BIO_s_mem, (void)) \
    F(CRYPTO, void *, BIO_new, (const void *)) \
    F(CRYPTO, int, BIO_free, (void *)) \
    F(CRYPTO, int, BIO_read, (void *, void *, int)) \
    F(CRYPTO, int, PEM_write_bio_X509, (void *, void *)) \
    F(CRYPTO, int, PEM_write_bio_PrivateKey, (void *, void *, const void *, const unsigned char *, int, void *, void *))

typedef struct {
#define RING_GST_DECLARE(library, result, name, parameters) result(*name) parameters;
    RING_GST_FUNCTIONS(RING_GST_DECLARE)
#undef RING_GST_DECLARE
} ring_gst_functions;

/// Filled by ring_gst_load; to be used only after it has returned NULL.
extern ring_gst_functions ring_gst;

/// The PEM text of an ECDSA P-256 certificate and of its key; the caller frees it. `fingerprint` becomes the value of
/// `a=fingerprint`. NULL when libcrypto refuses.
char *ring_gst_make_certificate(char fingerprint[static 120]);

/// Whether an SDP description names the hash of a certificate in PEM form: `a=fingerprint`, by SHA-256, SHA-384 or SHA-512.
bool ring_gst_names_certificate(const char *sdp, const char *pem);

/// Connects a handler to a signal. `free_data` is called when the object or the connection ends; it may be NULL.
unsigned long ring_gst_connect(void *object, const char *signal, void *handler, void *data, void (*free_data)(void *, void *));
/// Whether an object has a property.
bool ring_gst_has_property(void *object, const char *name);
/// Whether an element was made by the factory of this name.
bool ring_gst_is_made_by(void *element, const char *factory);

#endif
