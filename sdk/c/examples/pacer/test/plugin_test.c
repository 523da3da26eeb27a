#include <stdio.h>
#include <string.h>
#include "mock.h"

typedef exports_jackfield_plugin_pacer_guest_campaign_t campaign_t;

static campaign_t campaign(uint32_t idle) {
    campaign_t made;
    memset(&made, 0, sizeof made);
    made.agents_idle = idle;
    made.abandoned_max = 0.03;
    return made;
}

static uint32_t dial(campaign_t asked) {
    exports_jackfield_plugin_pacer_guest_pace_t pace;
    jackfield_types_types_plugin_error_t error;
    CHECK(exports_jackfield_plugin_pacer_guest_decide(&asked, &pace, &error));
    return pace.dial;
}

static void calls_are_placed_for_idle_agents(void) {
    mock_reset();
    CHECK(dial(campaign(5)) == 7);
    campaign_t some = campaign(5);
    some.dialling = 4;
    some.waiting = 1;
    CHECK(dial(some) == 2);
    some.dialling = UINT32_MAX;
    CHECK(dial(some) == 0);
    mock_setting("per-agent", "2");
    CHECK(dial(campaign(5)) == 10);
}

static void too_many_abandoned_calls_slow_it_down(void) {
    mock_reset();
    campaign_t of_hundred = campaign(4);
    of_hundred.answered = 100;
    of_hundred.abandoned = 3;
    CHECK(dial(of_hundred) == 6);
    of_hundred.abandoned = 4;
    CHECK(dial(of_hundred) == 4);
}

static void a_setting_that_makes_no_sense_is_named(void) {
    mock_reset();
    mock_setting("per-agent", "many");
    campaign_t asked = campaign(1);
    exports_jackfield_plugin_pacer_guest_pace_t pace;
    jackfield_types_types_plugin_error_t error;
    CHECK(!exports_jackfield_plugin_pacer_guest_decide(&asked, &pace, &error));
    CHECK(error.tag == JACKFIELD_TYPES_TYPES_PLUGIN_ERROR_CONFIGURATION);
}

int main(void) {
    calls_are_placed_for_idle_agents();
    too_many_abandoned_calls_slow_it_down();
    a_setting_that_makes_no_sense_is_named();
    puts("3 passed, 0 failed");
    return 0;
}
