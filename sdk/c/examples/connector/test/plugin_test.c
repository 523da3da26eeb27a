#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "mock.h"

static jackfield_types_types_plugin_error_t error;

static void begin(void) {
    mock_reset();
    mock_setting("url", "https://crm.example/in");
    mock_secret("token", "t0ken");
}

static void what_happens_is_posted(void) {
    exports_jackfield_plugin_connector_guest_event_t event;
    begin();
    mock_answer(204, "");
    memset(&event, 0, sizeof event);
    event.kind = text("arrived");
    event.id = text("0000000000000");
    event.at_seconds = 1.5;
    CHECK(exports_jackfield_plugin_connector_guest_handle_event(&event, &error));
    CHECK(strstr(mock_lines, "authorization Bearer {{secret:token}}\n"));
    CHECK(strstr(mock_lines,
                 "body {\"type\":\"event\",\"data\":{\"kind\":\"arrived\",\"id\":\"0000000000000\","
                 "\"at_seconds\":1.5,\"queue\":null,\"agent\":null,\"address\":null}}\n"));
}

static bool found(const char *address, exports_jackfield_plugin_connector_guest_option_customer_t *ret) {
    plugin_string_t asked = text(address);
    return exports_jackfield_plugin_connector_guest_find_contact(&asked, ret, &error);
}

static void customers_are_found_or_not(void) {
    exports_jackfield_plugin_connector_guest_option_customer_t customer;
    begin();
    mock_answer(200, "{\"id\":7,\"name\":\"Eva\"}");
    mock_answer(404, "");
    mock_answer(503, "");
    CHECK(found("+371 200", &customer) && customer.is_some);
    CHECK(same(customer.val.id, "7") && same(customer.val.name, "Eva"));
    CHECK(strstr(mock_lines, "get https://crm.example/in?address=%2B371%20200\n"));
    CHECK(found("nobody", &customer) && !customer.is_some);
    CHECK(!found("nobody", &customer) && error.tag == JACKFIELD_TYPES_TYPES_PLUGIN_ERROR_UNAVAILABLE);
}

static bool made(plugin_string_t *id) {
    exports_jackfield_plugin_connector_guest_lead_t lead;
    memset(&lead, 0, sizeof lead);
    lead.address = text("+371200");
    lead.text = text("a call back");
    return exports_jackfield_plugin_connector_guest_create_lead(&lead, id, &error);
}

static void a_lead_has_the_id_of_the_other_system(void) {
    plugin_string_t id;
    begin();
    mock_answer(201, "{\"id\":\"L1\"}");
    mock_answer(201, "{}");
    CHECK(made(&id) && same(id, "L1"));
    CHECK(!made(&id) && error.tag == JACKFIELD_TYPES_TYPES_PLUGIN_ERROR_FAILED);
}

static void webhooks_and_schedules_are_taken(void) {
    exports_jackfield_plugin_connector_guest_incoming_t request;
    exports_jackfield_plugin_connector_guest_reply_t reply;
    begin();
    memset(&request, 0, sizeof request);
    CHECK(exports_jackfield_plugin_connector_guest_receive(&request, &reply, &error) && reply.status == 204);
    CHECK(exports_jackfield_plugin_connector_guest_run_schedule(&error));
    CHECK(strcmp(mock_lines, "count 1 schedules\n") == 0);
}

int main(void) {
    what_happens_is_posted();
    customers_are_found_or_not();
    a_lead_has_the_id_of_the_other_system();
    webhooks_and_schedules_are_taken();
    puts("4 passed, 0 failed");
    return 0;
}
