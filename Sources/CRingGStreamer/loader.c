#include "functions.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GLIB, GOBJECT, GST, GSTSDP, GSTWEBRTC, CRYPTO, LIBRARY_COUNT };

#if defined(__APPLE__)
static const char *const library_names[LIBRARY_COUNT] = {
    "libglib-2.0.0.dylib", "libgobject-2.0.0.dylib", "libgstreamer-1.0.0.dylib", "libgstsdp-1.0.0.dylib",
    "libgstwebrtc-1.0.0.dylib", "libcrypto.3.dylib"};
static const char *const library_folders[] = {"", "/opt/homebrew/lib/", "/usr/local/lib/"};
#else
static const char *const library_names[LIBRARY_COUNT] = {
    "libglib-2.0.so.0", "libgobject-2.0.so.0", "libgstreamer-1.0.so.0", "libgstsdp-1.0.so.0", "libgstwebrtc-1.0.so.0",
    "libcrypto.so.3"};
static const char *const library_folders[] = {""};
#endif

ring_gst_functions ring_gst;
static char load_failure[200];
static pthread_once_t load_once = PTHREAD_ONCE_INIT;

static void *open_library(const char *name) {
    for (size_t i = 0; i < sizeof library_folders / sizeof *library_folders; i++) {
        char path[200];
        snprintf(path, sizeof path, "%s%s", library_folders[i], name);
        void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
        if (library) return library;
    }
    return NULL;
}

static void load(void) {
    if (sizeof(void *) != 8) {
        snprintf(load_failure, sizeof load_failure, "only 64-bit systems are supported");
        return;
    }
    void *libraries[LIBRARY_COUNT];
    for (int i = 0; i < LIBRARY_COUNT; i++) {
        libraries[i] = open_library(library_names[i]);
        if (!libraries[i]) {
            snprintf(load_failure, sizeof load_failure, "%s is not installed", library_names[i]);
            return;
        }
    }
#define RESOLVE(library, result, name, parameters) \
    if (!(ring_gst.name = (result(*) parameters)dlsym(libraries[library], #name))) { \
        snprintf(load_failure, sizeof load_failure, "%s has no function " #name, library_names[library]); \
        return; \
    }
    RING_GST_FUNCTIONS(RESOLVE)
#undef RESOLVE
    // As an application does. GStreamer counts its initialisations, so one of the application's own may precede or follow.
    glib_error *error = NULL;
    if (ring_gst.gst_init_check(NULL, NULL, &error)) return;
    snprintf(
        load_failure, sizeof load_failure, "GStreamer cannot be initialised: %s", error ? error->message : "no reason given");
    if (error) ring_gst.g_error_free(error);
}

const char *ring_gst_load(void) {
    pthread_once(&load_once, load);
    return load_failure[0] ? load_failure : NULL;
}

bool ring_gst_has_element(const char *name) {
    void *factory = ring_gst.gst_element_factory_find(name);
    if (factory) ring_gst.gst_object_unref(factory);
    return factory != NULL;
}

uint32_t ring_gst_version(void) {
    unsigned major = 0, minor = 0, micro = 0, nano = 0;
    ring_gst.gst_version(&major, &minor, &micro, &nano);
    return major << 16 | minor << 8 | micro;
}

unsigned long ring_gst_connect(
    void *object, const char *signal, void *handler, void *data, void (*free_data)(void *, void *)) {
    return ring_gst.g_signal_connect_data(object, signal, handler, data, (void *)free_data, 0);
}

bool ring_gst_has_property(void *object, const char *name) {
    // A GObject begins with the pointer to its class.
    return ring_gst.g_object_class_find_property(*(void **)object, name) != NULL;
}

bool ring_gst_is_made_by(void *element, const char *factory) {
    void *made_by = ring_gst.gst_element_get_factory(element);
    if (!made_by) return false;
    char *name = ring_gst.gst_object_get_name(made_by);
    bool result = name && !strcmp(name, factory);
    ring_gst.g_free(name);
    return result;
}

bool ring_gst_run(void *(*function)(void *), void *data) {
    // A signal of the application belongs on a thread of the application.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    pthread_t thread;
    bool runs = pthread_create(&thread, NULL, function, data) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (runs) pthread_detach(thread);
    return runs;
}
