// GStreamer's WebRTC element, loaded when it is first used. Nothing of GStreamer is needed to build or to link.
//
// All functions may be called by any thread.
#ifndef CRING_GSTREAMER_H
#define CRING_GSTREAMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Loads the libraries and initialises GStreamer, once in a process. The first call may take seconds, while GStreamer reads
/// its plugins.
///
/// Returns NULL when they are there, otherwise what is missing; the text is valid for the life of the process.
const char *ring_gst_load(void);
/// Whether an element is installed, after ring_gst_load has returned NULL.
bool ring_gst_has_element(const char *name);
/// GStreamer's version as `major << 16 | minor << 8 | micro`, after ring_gst_load has returned NULL.
uint32_t ring_gst_version(void);

/// Runs a function on a thread of its own that blocks all signals. False when no thread can be made.
bool ring_gst_run(void *(*function)(void *), void *data);

/// A peer that receives one camera's video, and its sound on request.
typedef struct ring_gst_receiver ring_gst_receiver;

typedef struct {
    /// How long the jitter buffer waits for a missing packet, in milliseconds.
    unsigned latency;
    /// The same for the time before the first unit: how long the first packet is held back.
    unsigned first_latency;
    /// Whether an audio section is offered.
    bool has_audio;
    /// Whether the loopback addresses of the machine become candidates too.
    bool has_loopback;
    /// `stun://host:port`, or NULL.
    const char *stun_server;
    /// `turn://user:password@host:port?transport=udp`, and how many.
    const char *const *turn_servers;
    size_t turn_server_count;
} ring_gst_receiver_options;

typedef enum {
    /// ICE has found a path to the peer.
    RING_GST_PATH_FOUND,
    /// ICE has found no path, or has lost it for good.
    RING_GST_PATH_LOST,
    /// DTLS is complete: packets may arrive.
    RING_GST_SECURED,
    /// The DTLS handshake failed.
    RING_GST_SECURITY_FAILED,
    /// The peer's certificate is not the one that the answer names.
    RING_GST_WRONG_CERTIFICATE,
    /// The peer ended the connection.
    RING_GST_STOPPED,
    /// The peer said that a stream has ended; another may follow.
    RING_GST_STREAM_ENDED,
    /// The peer sends something that is not H.264 in place of the video.
    RING_GST_OTHER_VIDEO,
    /// GStreamer reported an error; the text says which.
    RING_GST_FAILED,
} ring_gst_receiver_event;

/// Called by threads of GStreamer, several at a time. After `closed`, none is called.
typedef struct {
    void *context;
    /// The offer with all candidates, once; or NULL with the reason why there is none.
    void (*offered)(void *context, const char *sdp, const char *failure);
    /// The answer was accepted, or not, and why.
    void (*answered)(void *context, const char *failure);
    void (*event)(void *context, ring_gst_receiver_event event, const char *text);
    /// One picture in Annex B form, or one Opus packet. `nanoseconds` is UINT64_MAX when the time is unknown.
    void (*unit)(void *context, bool is_audio, const uint8_t *bytes, size_t count, uint64_t nanoseconds);
    void (*closed)(void *context);
} ring_gst_receiver_callbacks;

typedef struct {
    uint64_t packets, bytes;
    /// Packets that were never there in time, that came too late, and that a retransmission brought in time.
    uint64_t lost_packets, late_packets, repaired_packets;
    uint64_t jitter_nanoseconds;
    uint64_t negative_acknowledgements, picture_requests;
} ring_gst_receiver_statistics;

/// Makes the peer on a thread of its own, which ends in `offered`. NULL when there is no memory or no thread; then no callback
/// is called. Needs ring_gst_load to have returned NULL.
ring_gst_receiver *ring_gst_receiver_make(
    const ring_gst_receiver_options *options, const ring_gst_receiver_callbacks *callbacks);
/// Ends the search for candidates: `offered` gets the offer with those that were found, unless there is none yet.
void ring_gst_receiver_stop_gathering(ring_gst_receiver *receiver);
/// Passes the answer on; ends in `answered`. To be called after `offered`.
void ring_gst_receiver_answer(ring_gst_receiver *receiver, const char *sdp);
/// Asks the peer for a key frame.
void ring_gst_receiver_request_key_frame(ring_gst_receiver *receiver);
/// What was counted until now.
ring_gst_receiver_statistics ring_gst_receiver_count(ring_gst_receiver *receiver);
/// Ends the reception on a thread of its own, which ends in `closed`, and releases the receiver. To be called once.
void ring_gst_receiver_close(ring_gst_receiver *receiver);

// MARK: Sending

/// Sends H.264 to one WebRTC peer, as the answering side.
typedef struct ring_gst_sender ring_gst_sender;

/// What a sender reports, on threads of its own.
typedef enum {
    /// The text is the SDP answer, with all candidates.
    RING_GST_SENDER_ANSWER,
    /// Pictures can be sent.
    RING_GST_SENDER_CONNECTED,
    /// The peer asks for a key frame.
    RING_GST_SENDER_KEY_FRAME_WANTED,
    /// Nothing more can be sent. The text says why.
    RING_GST_SENDER_ENDED,
    /// As the event before, because something is not installed. The text names it.
    RING_GST_SENDER_MISSING,
} ring_gst_sender_event;

/// How the network to the peer behaves. All zero for one that works.
typedef struct {
    /// The share of packets that are lost in each direction, from 0 to 1.
    double loss;
    /// The share of packets that arrive 20 ms later than the others.
    double reordering;
    /// Each packet is delayed by a random time up to this one, in nanoseconds; packets overtake each other.
    uint64_t jitter;
    /// The seed of what happens to which packet.
    uint64_t seed;
} ring_gst_network;

typedef struct {
    /// The SDP offer, which of its sections is sent, as which payload type, and the caps of this format.
    const char *offer;
    uint32_t section;
    uint32_t payload;
    const char *caps;
    /// Whether to use all addresses of the machine instead of those of loopback only.
    bool uses_all_addresses;
    ring_gst_network network;
} ring_gst_sender_options;

typedef struct {
    /// RTP packets with retransmissions, and those of them that the network lost.
    uint64_t packets, lost;
    /// RTP and RTCP packets that the network delayed, and those of them that it reordered.
    uint64_t delayed, reordered;
    /// RTCP packets of the peer, lost ones included.
    uint64_t received;
    /// Packets that the peer asked to be sent again, and those that were.
    uint64_t requested, repeated;
} ring_gst_sender_statistics;

typedef void (*ring_gst_sender_handler)(void *context, ring_gst_sender_event event, const char *text);

/// Calls ring_gst_load on a thread of its own.
void ring_gst_sender_prepare(void);
/// Begins a session, which loads GStreamer if need be. `release` is called with the context when it is not used any more.
///
/// NULL when there is not enough memory or no thread to be had; `release` is not called then.
ring_gst_sender *ring_gst_sender_new(
    const ring_gst_sender_options *options, ring_gst_sender_handler handler, void *context, void (*release)(void *));
/// Sends one access unit (Annex B) with its time in nanoseconds. False before the peer is connected and after the end.
bool ring_gst_sender_push(ring_gst_sender *sender, const uint8_t *bytes, size_t size, uint64_t time);
ring_gst_sender_statistics ring_gst_sender_read(ring_gst_sender *sender);
/// Ends the session on a thread of its own, and calls `closed` when no thread, socket or element of it is left.
void ring_gst_sender_close(ring_gst_sender *sender, void (*closed)(void *), void *context);

/// Decodes H.264 to JPEG or to gray pictures, on a thread of its own.
typedef struct ring_gst_decoder ring_gst_decoder;

typedef struct {
    /// The name of an element that is installed. h264parse, videoconvert and appsrc are needed too; jpegenc or videoscale.
    const char *element;
    /// The quality of JPEG, from 1 to 100; 0 for gray pictures: 8 bits a pixel, each row as long as a multiple of 4.
    unsigned quality;
    /// The width of gray pictures; their height follows the shape of the picture.
    unsigned width;
    /// The least time from picture to picture, in nanoseconds; 0 for all of them.
    uint64_t interval;
} ring_gst_decoder_options;

/// Called by the thread that decodes.
typedef struct {
    void *context;
    /// The last access unit has been decoded, and another one can be pushed.
    void (*wanted)(void *context);
    /// `is_full` tells for gray pictures whether black is 0 and white 255, instead of 16 and 235.
    void (*picture)(
        void *context, const uint8_t *bytes, size_t count, int width, int height, bool is_full, uint64_t nanoseconds);
    /// All was decoded, or it failed. Called once at most.
    void (*ended)(void *context, const char *failure);
} ring_gst_decoder_callbacks;

/// Makes a decoder and begins. Blocks while plugins are loaded. NULL with the reason when it cannot be made; no callback is called
/// after that.
ring_gst_decoder *ring_gst_decoder_make(
    const ring_gst_decoder_options *options, const ring_gst_decoder_callbacks *callbacks, char failure[static 200]);
/// Adds an access unit in Annex B form, a key frame with its parameter sets first.
void ring_gst_decoder_push(ring_gst_decoder *decoder, const uint8_t *bytes, size_t count, uint64_t nanoseconds);
/// Says that no more access units come: the last pictures are delivered, then `ended` is called.
void ring_gst_decoder_finish(ring_gst_decoder *decoder);
/// Ends the decoder. Blocks until no callback is called any more.
void ring_gst_decoder_close(ring_gst_decoder *decoder);

#endif
