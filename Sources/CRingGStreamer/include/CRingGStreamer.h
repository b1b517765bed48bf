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

#endif
