#include "functions.h"

#include <stdio.h>

typedef struct {
    void (*function)(void *, const uint8_t *, size_t, int, int);
    void *context;
    bool is_done;
} picture;

static void on_picture(void *sink, gst_buffer *buffer, void *pad, picture *result) {
    (void)sink;
    gst_map_info map;
    int width = 0, height = 0;
    void *caps = ring_gst.gst_pad_get_current_caps(pad);
    if (caps) {
        void *structure = ring_gst.gst_caps_get_structure(caps, 0);
        ring_gst.gst_structure_get_int(structure, "width", &width);
        ring_gst.gst_structure_get_int(structure, "height", &height);
        ring_gst.gst_mini_object_unref(caps);
    }
    if (result->is_done || !ring_gst.gst_buffer_map(buffer, &map, GST_MAP_READ)) return;
    result->is_done = true;
    result->function(result->context, map.data, map.size, width, height);
    ring_gst.gst_buffer_unmap(buffer, &map);
}

bool ring_gst_decode_picture(
    const uint8_t *bytes, size_t count, const char *decoder, unsigned quality, void *context,
    void (*function)(void *, const uint8_t *, size_t, int, int), char failure[static 200]) {
    char text[600];
    snprintf(
        text, sizeof text,
        "appsrc name=source format=time caps=\"video/x-h264,stream-format=(string)byte-stream,alignment=(string)au\" ! "
        "h264parse ! %s ! videoconvert ! jpegenc quality=%u ! fakesink name=sink sync=false signal-handoffs=true",
        decoder, quality);
    glib_error *error = NULL;
    picture result = {function, context, false};
    snprintf(failure, 200, "the picture cannot be decoded");
    void *pipeline = ring_gst.gst_parse_launch(text, &error);
    if (error) {
        snprintf(failure, 200, "%s", error->message);
        ring_gst.g_error_free(error);
        error = NULL;
    }
    if (!pipeline) return false;
    void *source = ring_gst.gst_bin_get_by_name(pipeline, "source");
    void *sink = ring_gst.gst_bin_get_by_name(pipeline, "sink");
    gst_buffer *buffer = ring_gst.gst_buffer_new_allocate(NULL, count, NULL);
    if (source && sink && buffer) {
        ring_gst_connect(sink, "handoff", (void *)on_picture, &result, NULL);
        ring_gst.gst_buffer_fill(buffer, 0, bytes, count);
        buffer->pts = 0;
        int flow = 0;
        ring_gst.gst_element_set_state(pipeline, GST_STATE_PLAYING);
        ring_gst.g_signal_emit_by_name(source, "push-buffer", buffer, &flow);
        ring_gst.g_signal_emit_by_name(source, "end-of-stream", &flow);
        void *bus = ring_gst.gst_element_get_bus(pipeline);
        uint64_t limit = 5000000000;
        gst_message *message = ring_gst.gst_bus_timed_pop_filtered(bus, limit, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
        if (message && message->type == GST_MESSAGE_ERROR) {
            ring_gst.gst_message_parse_error(message, &error, NULL);
            if (error) snprintf(failure, 200, "%s", error->message);
            if (error) ring_gst.g_error_free(error);
        }
        if (message) ring_gst.gst_mini_object_unref(message);
        ring_gst.gst_object_unref(bus);
    }
    // Ends the threads that may still call on_picture.
    ring_gst.gst_element_set_state(pipeline, GST_STATE_NULL);
    if (buffer) ring_gst.gst_mini_object_unref(buffer);
    if (source) ring_gst.gst_object_unref(source);
    if (sink) ring_gst.gst_object_unref(sink);
    ring_gst.gst_object_unref(pipeline);
    return result.is_done;
}
