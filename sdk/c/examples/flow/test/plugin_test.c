#include <stdio.h>
#include <string.h>
#include "mock.h"

static void run(void) {
    exports_jackfield_plugin_flow_guest_own_session_t session = {7};
    exports_jackfield_plugin_flow_guest_plugin_error_t error;
    CHECK(exports_jackfield_plugin_flow_guest_run(session, &error));
}

static void two_is_support(void) {
    mock_reset();
    mock_keys = "2";
    run();
    CHECK(strcmp(mock_lines,
                 "answer\nplay For sales press 1, for support press 2.\npressed 2\nset support\n"
                 "enqueue support\ninfo served\nhang up served\n") == 0);
}

static void who_is_not_served_hears_so(void) {
    mock_reset();
    mock_queue_end = JACKFIELD_TELEPHONY_SESSION_QUEUE_END_TIMED_OUT;
    run();
    CHECK(strstr(mock_lines, "say Nobody is free. Please call again later.\n"));
}

int main(void) {
    two_is_support();
    who_is_not_served_hears_so();
    puts("2 passed, 0 failed");
    return 0;
}
