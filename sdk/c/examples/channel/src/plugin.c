// Messages in and out as JSON: another system posts what customers write, and is posted what they are
// answered.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "json.h"
#include "plugin.h"
#include "text.h"

typedef jackfield_types_types_plugin_error_t error_t_;
typedef jackfield_channels_channels_message_t message_t;
typedef jackfield_channels_channels_received_t received_t;

bool exports_jackfield_plugin_channel_guest_describe(
    exports_jackfield_plugin_channel_guest_capabilities_t *ret, error_t_ *err) {
    (void)err;
    memset(ret, 0, sizeof *ret);
    ret->kind = JACKFIELD_TYPES_TYPES_CHANNEL_MESSAGE;
    ret->text_bytes_max = 4000;
    return true;
}

// Answers the webhook with a status and a JSON member.
static void reply(received_t *ret, uint16_t status, const char *name, plugin_string_t value) {
    json_t json = json_begin();
    json_string(&json, name, value);
    json_end(&json);
    ret->reply.status = status;
    ret->reply.headers.len = 1;
    ret->reply.headers.ptr = malloc(sizeof *ret->reply.headers.ptr);
    text_attribute(ret->reply.headers.ptr, "content-type", "application/json");
    ret->reply.body.ptr = json.ptr;
    ret->reply.body.len = json.len;
}

// Reads a member that is a text and not empty; says what is wrong otherwise.
static const char *read_text(const plugin_list_u8_t *body, const char *name, plugin_string_t *value, const char *why) {
    memset(value, 0, sizeof *value);
    json_kind_t kind = json_member(body->ptr, body->len, name, value);
    if (kind == JSON_WRONG) return "no JSON object";
    return kind == JSON_STRING && value->len > 0 ? NULL : why;
}

// Reads {"from", "id", "text"}; NULL if that is what it is.
static const char *read_message(const plugin_list_u8_t *body, message_t *message) {
    memset(message, 0, sizeof *message);
    const char *why = read_text(body, "from", &message->from, "`from`: a text that is not empty is accepted");
    if (!why) why = read_text(body, "id", &message->id, "`id`: a text that is not empty is accepted");
    if (!why) why = read_text(body, "text", &message->text, "`text`: a text that is not empty is accepted");
    if (why) jackfield_channels_channels_message_free(message);
    return why;
}

bool exports_jackfield_plugin_channel_guest_receive(
    exports_jackfield_plugin_channel_guest_incoming_t *request, received_t *ret, error_t_ *err) {
    memset(ret, 0, sizeof *ret);
    plugin_string_t name = text_of("token"), token = text_of("");
    jackfield_secrets_secrets_secret_error_t unknown;
    bool known = false;
    // Anybody may post: nothing is believed before this.
    text_find(request->headers.ptr, request->headers.len, "x-token", &token);
    bool done = jackfield_secrets_secrets_equals(&name, &token, &known, &unknown);
    if (!done) {
        jackfield_secrets_secrets_secret_error_free(&unknown);
        text_refuse(err, JACKFIELD_TYPES_TYPES_PLUGIN_ERROR_CONFIGURATION, "there is no secret `token`");
    } else if (!known) {
        reply(ret, 401, "error", text_of("`x-token` is wrong"));
    } else {
        message_t message;
        const char *why = read_message(&request->body, &message);
        if (why) {
            reply(ret, 400, "error", text_of(why));
        } else {
            reply(ret, 200, "taken", message.id);
            ret->events.len = 1;
            ret->events.ptr = malloc(sizeof *ret->events.ptr);
            ret->events.ptr->tag = JACKFIELD_CHANNELS_CHANNELS_EVENT_MESSAGE;
            ret->events.ptr->val.message = message;
        }
    }
    exports_jackfield_plugin_channel_guest_incoming_free(request);
    return done;
}

// Takes an answer of the other system: a receipt, or an error that is tried again or not. `unnamed` is what
// the message is called if the answer has no name for it.
static bool understood(
    const jackfield_http_outbound_response_t *answer, plugin_string_t unnamed,
    exports_jackfield_plugin_channel_guest_receipt_t *ret, error_t_ *err) {
    char why[32];
    uint16_t status = answer->status;
    snprintf(why, sizeof why, "it answered %u", status);
    if (status == 408 || status == 429 || status >= 500)
        return text_refuse(err, JACKFIELD_TYPES_TYPES_PLUGIN_ERROR_UNAVAILABLE, why);
    if (status < 200 || status > 299) return text_refuse(err, JACKFIELD_TYPES_TYPES_PLUGIN_ERROR_FAILED, why);
    json_kind_t kind = json_member(answer->body.ptr, answer->body.len, "id", &ret->id);
    if (kind == JSON_NUMBER || (kind == JSON_STRING && ret->id.len == 0)) plugin_string_free(&ret->id);
    if (kind != JSON_STRING || ret->id.len == 0) ret->id = text_copy(unnamed);
    ret->state = text_copy(text_of("accepted"));
    return true;
}

bool exports_jackfield_plugin_channel_guest_send(
    exports_jackfield_plugin_channel_guest_outgoing_t *message, exports_jackfield_plugin_channel_guest_receipt_t *ret,
    error_t_ *err) {
    jackfield_http_outbound_request_t request;
    jackfield_http_outbound_response_t answer;
    jackfield_http_outbound_http_error_t nobody;
    plugin_string_t name = text_of("url");
    memset(&request, 0, sizeof request);
    if (!jackfield_settings_settings_get(&name, &request.url)) {
        exports_jackfield_plugin_channel_guest_outgoing_free(message);
        return text_refuse(err, JACKFIELD_TYPES_TYPES_PLUGIN_ERROR_CONFIGURATION, "`url` is not set");
    }
    json_t json = json_begin();
    json_string(&json, "to", message->to);
    json_optional(&json, "id", message->id.is_some, message->id.val);
    json_string(&json, "text", message->text);
    json_end(&json);

    request.method = JACKFIELD_HTTP_OUTBOUND_METHOD_POST;
    request.body.ptr = json.ptr;
    request.body.len = json.len;
    request.headers.len = 2;
    request.headers.ptr = malloc(2 * sizeof *request.headers.ptr);
    text_attribute(&request.headers.ptr[0], "content-type", "application/json");
    // The host puts the secret in: the plugin never holds it.
    text_attribute(&request.headers.ptr[1], "authorization", "Bearer {{secret:token}}");
    bool answered = jackfield_http_outbound_send(&request, &answer, &nobody);
    plugin_string_t unnamed = message->id.is_some ? message->id.val : text_of("unnamed");
    bool done = answered && understood(&answer, unnamed, ret, err);
    if (answered) {
        jackfield_http_outbound_response_free(&answer);
    } else {
        bool wrong = nobody.tag <= JACKFIELD_HTTP_OUTBOUND_HTTP_ERROR_NOT_ALLOWED;
        text_refuse(err,
            wrong ? JACKFIELD_TYPES_TYPES_PLUGIN_ERROR_CONFIGURATION : JACKFIELD_TYPES_TYPES_PLUGIN_ERROR_UNAVAILABLE,
            wrong ? "`url` is not one that this plugin may reach, or there is no secret `token`" : "nobody answered");
        jackfield_http_outbound_http_error_free(&nobody);
    }
    jackfield_http_outbound_request_free(&request);
    exports_jackfield_plugin_channel_guest_outgoing_free(message);
    return done;
}
