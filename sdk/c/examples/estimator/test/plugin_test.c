#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "mock.h"

static exports_jackfield_plugin_estimator_guest_option_wait_estimate_t estimate(
    uint32_t position, uint32_t agents, size_t handles) {
    exports_jackfield_plugin_estimator_guest_estimate_ask_t ask;
    memset(&ask, 0, sizeof ask);
    ask.id = text("0000000000000");
    ask.queue = text("sales");
    ask.position = position;
    ask.agents = agents;
    ask.recent_handles_ms.len = handles;
    ask.recent_handles_ms.ptr = handles ? calloc(handles, sizeof(uint32_t)) : NULL;
    for (size_t at = 0; at < handles; at++) ask.recent_handles_ms.ptr[at] = at % 2 ? 140000 : 100000;
    exports_jackfield_plugin_estimator_guest_option_wait_estimate_t found;
    exports_jackfield_plugin_estimator_guest_plugin_error_t error;
    CHECK(exports_jackfield_plugin_estimator_guest_estimate(&ask, &found, &error));
    return found;
}

int main(void) {
    CHECK(estimate(4, 2, 2).is_some);
    CHECK(estimate(4, 2, 2).val.p50_ms == 240000);
    CHECK(estimate(4, 2, 2).val.p90_ms == 480000);
    CHECK(!estimate(4, 2, 0).is_some);
    puts("1 passed, 0 failed");
    return 0;
}
