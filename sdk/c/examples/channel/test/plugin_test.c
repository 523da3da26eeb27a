#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "mock.h"

// Posts to the webhook; the status of the reply.
static unsigned posted(const char *token, const char *body, jackfield_channels_channels_received_t *received) {
    jackfield_http_webhook_incoming_t request;
    memset(&request, 0, sizeof request);
    request.method = text("POST");
    plugin_string_t bytes = text(body);
    request.body.ptr = bytes.ptr;
    request.body.len = bytes.len;
    request.headers.len = 1;
    request.headers.ptr = malloc(sizeof *request.headers.ptr);
    request.headers.ptr[0].f0 = text("x-token");
    request.headers.ptr[0].f1 = text(token);
    jackfield_types_types_plugin_error_t error;
    CHECK(exports_jackfield_plugin_channel_guest_receive(&request, received, &error));
    return received->reply.status;
}

static void who_knows_the_token_brings_a_message(void) {
    const char *const wrong[] = {"", "[]", "{\"from\":\"v1\",\"id\":7,\"text\":\"x\"}", "{\"from\":\"v1\",\"id\":\"7\"}"};
    const char *body = "{\"from\":\"v1\",\"id\":\"7\",\"text\":\"hello\"}";
    jackfield_channels_channels_received_t received;
    mock_reset();
    mock_secret("token", "t0ken");
    CHECK(posted("t0ken", body, &received) == 200);
    CHECK(received.events.len == 1);
    CHECK(same(received.events.ptr->val.message.from, "v1"));
    CHECK(same(received.events.ptr->val.message.text, "hello"));
    CHECK(posted("guess", body, &received) == 401 && received.events.len == 0);
    for (size_t at = 0; at < 4; at++)
        CHECK(posted("t0ken", wrong[at], &received) == 400 && received.events.len == 0);
}

static jackfield_types_types_plugin_error_t error;

static bool sent(jackfield_channels_channels_receipt_t *receipt) {
    jackfield_channels_channels_outgoing_t message;
    memset(&message, 0, sizeof message);
    message.to = text("v1");
    message.text = text("Good \"day\"");
    return exports_jackfield_plugin_channel_guest_send(&message, receipt, &error);
}

static void an_answer_is_posted_with_the_name_of_the_secret(void) {
    jackfield_channels_channels_receipt_t receipt;
    mock_reset();
    mock_setting("url", "https://a.example/in");
    mock_secret("token", "t0ken");
    mock_answer(200, "{\"id\":\"m1\"}");
    CHECK(sent(&receipt));
    CHECK(same(receipt.id, "m1") && same(receipt.state, "accepted"));
    CHECK(strcmp(mock_lines,
                 "post https://a.example/in\ncontent-type application/json\n"
                 "authorization Bearer {{secret:token}}\n"
                 "body {\"to\":\"v1\",\"id\":null,\"text\":\"Good \\\"day\\\"\"}\n") == 0);
}

static void what_may_go_better_later_is_unavailable(void) {
    jackfield_channels_channels_receipt_t receipt;
    mock_reset();
    mock_setting("url", "https://a.example/in");
    mock_secret("token", "t0ken");
    mock_answer(503, "");
    mock_answer(422, "");
    CHECK(!sent(&receipt) && error.tag == JACKFIELD_TYPES_TYPES_PLUGIN_ERROR_UNAVAILABLE);
    CHECK(!sent(&receipt) && error.tag == JACKFIELD_TYPES_TYPES_PLUGIN_ERROR_FAILED);
    // Nobody answered.
    CHECK(!sent(&receipt) && error.tag == JACKFIELD_TYPES_TYPES_PLUGIN_ERROR_UNAVAILABLE);
}

int main(void) {
    who_knows_the_token_brings_a_message();
    an_answer_is_posted_with_the_name_of_the_secret();
    what_may_go_better_later_is_unavailable();
    puts("3 passed, 0 failed");
    return 0;
}
