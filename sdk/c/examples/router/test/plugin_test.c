#include <stdio.h>
#include <string.h>
#include "mock.h"

static void the_highest_level_comes_first_equals_by_idle_time(void) {
    const mock_agent_t agents[] = {{"ann", 3, 9000}, {"bob", 8, 1000}, {"cat", 8, 2000}};
    jackfield_queueing_routing_ask_t ask = mock_ask(agents, 3);
    jackfield_queueing_routing_answer_t answer;
    jackfield_types_types_plugin_error_t error;
    mock_reset();
    CHECK(exports_jackfield_plugin_router_guest_choose(&ask, &answer, &error));
    CHECK(answer.decision.tag == JACKFIELD_QUEUEING_ROUTING_DECISION_OFFER);
    CHECK(answer.decision.val.offer.len == 3);
    CHECK(same(answer.decision.val.offer.ptr[0], "cat"));
    CHECK(same(answer.decision.val.offer.ptr[1], "bob"));
    CHECK(same(answer.decision.val.offer.ptr[2], "ann"));
    CHECK(same(answer.because.ptr[1].f1, "8"));
    CHECK(strcmp(mock_lines, "debug 3 agents could take 0000000000000\n") == 0);
}

int main(void) {
    the_highest_level_comes_first_equals_by_idle_time();
    puts("1 passed, 0 failed");
    return 0;
}
