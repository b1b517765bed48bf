#include "functions.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ring_gst_decoder {
    ring_gst_decoder_options options;
    ring_gst_decoder_callbacks callbacks;
    void *pipeline, *source;
    // Of the one thread that decodes: when the next picture is due.
    uint64_t due;
    bool has_begun;
    atomic_bool has_ended;
};

/// Leaves pictures out, before they cost more than their decoding.
static int on_decoded(void *pad, gst_probe_info *info, void *data) {
    (void)pad;
    ring_gst_decoder *decoder = data;
    uint64_t time = ((gst_buffer *)info->data)->pts, interval = decoder->options.interval;
    if (interval == 0 || time == GST_NO_TIME) return GST_PROBE_OK;
    // A little early is not early: times are not exact.
    if (decoder->has_begun && time + interval / 8 < decoder->due) return GST_PROBE_DROP;
    if (!decoder->has_begun || time > decoder->due + interval) decoder->due = time;
    decoder->has_begun = true;
    decoder->due += interval;
    return GST_PROBE_OK;
}

static void on_picture(void *sink, gst_buffer *buffer, void *pad, ring_gst_decoder *decoder) {
    (void)sink;
    gst_map_info map;
    int width = 0, height = 0;
    bool is_full = false;
    void *caps = ring_gst.gst_pad_get_current_caps(pad);
    if (caps) {
        void *structure = ring_gst.gst_caps_get_structure(caps, 0);
        ring_gst.gst_structure_get_int(structure, "width", &width);
        ring_gst.gst_structure_get_int(structure, "height", &height);
        // The range is the first number; the only name for a full one is this.
        const char *colorimetry = ring_gst.gst_structure_get_string(structure, "colorimetry");
        is_full = colorimetry && (!strncmp(colorimetry, "1:", 2) || !strcmp(colorimetry, "sRGB"));
        ring_gst.gst_mini_object_unref(caps);
    }
    if (width <= 0 || height <= 0 || !ring_gst.gst_buffer_map(buffer, &map, GST_MAP_READ)) return;
    decoder->callbacks.picture(decoder->callbacks.context, map.data, map.size, width, height, is_full, buffer->pts);
    ring_gst.gst_buffer_unmap(buffer, &map);
}

static void on_need(void *source, unsigned length, ring_gst_decoder *decoder) {
    (void)source, (void)length;
    decoder->callbacks.wanted(decoder->callbacks.context);
}

static void end(ring_gst_decoder *decoder, const char *failure) {
    if (!atomic_exchange(&decoder->has_ended, true)) decoder->callbacks.ended(decoder->callbacks.context, failure);
}

static int on_message(void *bus, gst_message *message, void *data) {
    (void)bus;
    if (message->type == GST_MESSAGE_EOS) end(data, NULL);
    if (message->type == GST_MESSAGE_ERROR) {
        glib_error *error = NULL;
        ring_gst.gst_message_parse_error(message, &error, NULL);
        end(data, error ? error->message : "no reason given");
        if (error) ring_gst.g_error_free(error);
    }
    ring_gst.gst_mini_object_unref(message);
    return GST_BUS_DROP;
}

static void set_sync_handler(ring_gst_decoder *decoder, void *handler) {
    void *bus = ring_gst.gst_element_get_bus(decoder->pipeline);
    ring_gst.gst_bus_set_sync_handler(bus, handler, handler ? decoder : NULL, NULL);
    ring_gst.gst_object_unref(bus);
}

/// The elements from the decoder's pictures on.
static void write_output(const ring_gst_decoder_options *options, char *text, size_t size) {
    if (options->quality > 0) {
        snprintf(text, size, "videoconvert ! jpegenc quality=%u", options->quality);
    } else {
        snprintf(
            text, size,
            "videoconvert ! video/x-raw,format=GRAY8 ! videoscale method=bilinear2 add-borders=false ! "
            // A stream may have any shape: without a limit a very narrow picture would take all memory.
            "video/x-raw,width=%u,height=(int)[1,4096],pixel-aspect-ratio=(fraction)1/1",
            options->width);
    }
}

ring_gst_decoder *ring_gst_decoder_make(
    const ring_gst_decoder_options *options, const ring_gst_decoder_callbacks *callbacks, char failure[static 200]) {
    char output[250], text[700];
    write_output(options, output, sizeof output);
    snprintf(
        text, sizeof text,
        "appsrc name=source format=time caps=\"video/x-h264,stream-format=(string)byte-stream,alignment=(string)au\" ! "
        "h264parse ! %s name=decoder ! %s ! fakesink name=sink sync=false async=false signal-handoffs=true",
        options->element, output);
    glib_error *error = NULL;
    ring_gst_decoder *decoder = calloc(1, sizeof *decoder);
    void *pipeline = decoder ? ring_gst.gst_parse_launch(text, &error) : NULL;
    snprintf(failure, 200, "%s", error ? error->message : "no memory");
    // A pipeline with an error may lack an element.
    bool is_whole = pipeline && !error;
    if (error) ring_gst.g_error_free(error);
    if (!is_whole) {
        if (pipeline) ring_gst.gst_object_unref(pipeline);
        free(decoder);
        return NULL;
    }
    *decoder = (ring_gst_decoder){.options = *options, .callbacks = *callbacks, .pipeline = pipeline};
    decoder->source = ring_gst.gst_bin_get_by_name(pipeline, "source");
    void *sink = ring_gst.gst_bin_get_by_name(pipeline, "sink");
    void *element = ring_gst.gst_bin_get_by_name(pipeline, "decoder");
    void *pad = ring_gst.gst_element_get_static_pad(element, "src");
    set_sync_handler(decoder, (void *)on_message);
    ring_gst_connect(decoder->source, "need-data", (void *)on_need, decoder, NULL);
    ring_gst_connect(sink, "handoff", (void *)on_picture, decoder, NULL);
    ring_gst.gst_pad_add_probe(pad, GST_PROBE_BUFFER, (void *)on_decoded, decoder, NULL);
    ring_gst.gst_object_unref(pad);
    ring_gst.gst_object_unref(element);
    ring_gst.gst_object_unref(sink);
    if (ring_gst.gst_element_set_state(pipeline, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE) {
        snprintf(failure, 200, "the decoder does not start");
        // What is called on the way reaches callbacks that are still there.
        ring_gst_decoder_close(decoder);
        return NULL;
    }
    return decoder;
}

void ring_gst_decoder_push(ring_gst_decoder *decoder, const uint8_t *bytes, size_t count, uint64_t nanoseconds) {
    gst_buffer *buffer = ring_gst.gst_buffer_new_allocate(NULL, count, NULL);
    if (!buffer) return end(decoder, "no memory");
    ring_gst.gst_buffer_fill(buffer, 0, bytes, count);
    buffer->pts = nanoseconds;
    int flow = 0;
    // The signal takes a reference of its own.
    ring_gst.g_signal_emit_by_name(decoder->source, "push-buffer", buffer, &flow);
    ring_gst.gst_mini_object_unref(buffer);
}

void ring_gst_decoder_finish(ring_gst_decoder *decoder) {
    int flow = 0;
    ring_gst.g_signal_emit_by_name(decoder->source, "end-of-stream", &flow);
}

void ring_gst_decoder_close(ring_gst_decoder *decoder) {
    // Ends the threads that call back.
    ring_gst.gst_element_set_state(decoder->pipeline, GST_STATE_NULL);
    set_sync_handler(decoder, NULL);
    ring_gst.gst_object_unref(decoder->source);
    ring_gst.gst_object_unref(decoder->pipeline);
    free(decoder);
}
