// Says how long a waiting contact will wait: everybody ahead, and the contact, need an agent to become
// free, and one does so every mean handle time / agents.
#include "plugin.h"

bool exports_jackfield_plugin_estimator_guest_estimate(
    exports_jackfield_plugin_estimator_guest_estimate_ask_t *ask,
    exports_jackfield_plugin_estimator_guest_option_wait_estimate_t *ret,
    exports_jackfield_plugin_estimator_guest_plugin_error_t *err) {
    (void)err;
    double sum = 0.0;
    for (size_t at = 0; at < ask->recent_handles_ms.len; at++) sum += ask->recent_handles_ms.ptr[at];
    ret->is_some = ask->recent_handles_ms.len > 0 && ask->agents > 0;
    if (ret->is_some) {
        double mean = sum / (double)ask->recent_handles_ms.len;
        uint32_t ahead = ask->position > ask->agents_ready ? ask->position - ask->agents_ready : 0;
        ret->val.p50_ms = (uint32_t)(ahead * mean / ask->agents + 0.5);
        ret->val.p90_ms = 2 * ret->val.p50_ms;
    }
    // What an export is given is its own to free.
    exports_jackfield_plugin_estimator_guest_estimate_ask_free(ask);
    return true;
}
