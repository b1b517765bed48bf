// What RingCurl uses of libcurl. curl_easy_setopt, curl_easy_getinfo and curl_multi_setopt are variadic, which Swift
// cannot import: one inline wrapper for each argument type.
#define CURL_DISABLE_TYPECHECK 1
#include <curl/curl.h>
