// Posts what happens to another system as JSON, and asks it for customers.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "json.h"
#include "plugin.h"
#include "text.h"

typedef jackfield_types_types_plugin_error_t error_t_;

static bool failed(error_t_ *err, const char *why) {
    return text_refuse(err, JACKFIELD_TYPES_TYPES_PLUGIN_ERROR_FAILED, why);
}

// The text of a setting, the caller's own.
static bool setting(const char *value, plugin_string_t *ret, error_t_ *err) {
    plugin_string_t name = text_of(value);
    if (jackfield_settings_settings_get(&name, ret)) return true;
    return text_refuse(err, JACKFIELD_TYPES_TYPES_PLUGIN_ERROR_CONFIGURATION, "`url` is not set");
}

static bool unreached(jackfield_http_outbound_http_error_t *nobody, error_t_ *err) {
    bool wrong = nobody->tag <= JACKFIELD_HTTP_OUTBOUND_HTTP_ERROR_NOT_ALLOWED;
    jackfield_http_outbound_http_error_free(nobody);
    if (!wrong) return text_refuse(err, JACKFIELD_TYPES_TYPES_PLUGIN_ERROR_UNAVAILABLE, "nobody answered");
    return text_refuse(err, JACKFIELD_TYPES_TYPES_PLUGIN_ERROR_CONFIGURATION,
                       "`url` is not one that this plugin may reach, or there is no secret `token`");
}

// Sends a request, which it frees, with the bearer. True with an answer of 200 to 299 or 404.
static bool ask(jackfield_http_outbound_request_t *request, jackfield_http_outbound_response_t *ret, error_t_ *err) {
    jackfield_http_outbound_http_error_t nobody;
    request->headers.len = 2;
    request->headers.ptr = malloc(2 * sizeof *request->headers.ptr);
    text_attribute(&request->headers.ptr[0], "content-type", "application/json");
    // The host puts the secret in: the plugin never holds it.
    text_attribute(&request->headers.ptr[1], "authorization", "Bearer {{secret:token}}");
    bool answered = jackfield_http_outbound_send(request, ret, &nobody);
    jackfield_http_outbound_request_free(request);
    if (!answered) return unreached(&nobody, err);
    uint16_t status = ret->status;
    if ((status >= 200 && status <= 299) || status == 404) return true;
    jackfield_http_outbound_response_free(ret);
    char why[32];
    snprintf(why, sizeof why, "it answered %u", status);
    bool later = status == 408 || status == 429 || status >= 500;
    return later ? text_refuse(err, JACKFIELD_TYPES_TYPES_PLUGIN_ERROR_UNAVAILABLE, why) : failed(err, why);
}

// What the other system calls it: a text or a number, the caller's own.
static bool id_of(const jackfield_http_outbound_response_t *answer, plugin_string_t *ret) {
    json_kind_t kind = json_member(answer->body.ptr, answer->body.len, "id", ret);
    if (kind != JSON_STRING && kind != JSON_NUMBER) return false;
    if (ret->len > 0) return true;
    plugin_string_free(ret);
    return false;
}

// A message of this type: its data is to be written, and both objects ended.
static json_t message(const char *type) {
    json_t json = json_begin();
    json_string(&json, "type", text_of(type));
    json_within(&json, "data");
    return json;
}

// Ends and posts a message. `has_id` says whether the answer had one, which is the caller's own then.
static bool tell(json_t json, bool *has_id, plugin_string_t *id, error_t_ *err) {
    jackfield_http_outbound_request_t request;
    jackfield_http_outbound_response_t answer;
    memset(&request, 0, sizeof request);
    json_end(&json);
    json_end(&json);
    request.method = JACKFIELD_HTTP_OUTBOUND_METHOD_POST;
    request.body.ptr = json.ptr;
    request.body.len = json.len;
    if (!setting("url", &request.url, err)) {
        free(json.ptr);
        return false;
    }
    if (!ask(&request, &answer, err)) return false;
    *has_id = id_of(&answer, id);
    jackfield_http_outbound_response_free(&answer);
    return true;
}

// The same for what has no use of an id.
static bool tell_only(json_t json, error_t_ *err) {
    plugin_string_t id;
    bool has_id;
    if (!tell(json, &has_id, &id, err)) return false;
    if (has_id) plugin_string_free(&id);
    return true;
}

bool exports_jackfield_plugin_connector_guest_handle_event(
    exports_jackfield_plugin_connector_guest_event_t *event, error_t_ *err) {
    json_t json = message("event");
    json_string(&json, "kind", event->kind);
    json_string(&json, "id", event->id);
    json_number(&json, "at_seconds", event->at_seconds);
    json_optional(&json, "queue", event->queue.is_some, event->queue.val);
    json_optional(&json, "agent", event->agent.is_some, event->agent.val);
    json_optional(&json, "address", event->address.is_some, event->address.val);
    exports_jackfield_plugin_connector_guest_event_free(event);
    return tell_only(json, err);
}

// `url?address=...`, with what may not stand in a URL written as %XX (RFC 3986).
static plugin_string_t question(plugin_string_t url, plugin_string_t address) {
    plugin_string_t made = text_join(url, text_of("?address="));
    made.ptr = realloc(made.ptr, made.len + 3 * address.len + 1);
    for (size_t at = 0; at < address.len; at++) {
        uint8_t byte = address.ptr[at];
        bool plain = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                     (byte && strchr("-._~", byte));
        if (plain) made.ptr[made.len++] = byte;
        else made.len += (size_t)snprintf((char *)made.ptr + made.len, 4, "%%%02X", byte);
    }
    return made;
}

// A member that need not be there.
static void optional(const plugin_list_u8_t *body, const char *name, plugin_option_string_t *ret) {
    json_kind_t kind = json_member(body->ptr, body->len, name, &ret->val);
    ret->is_some = kind == JSON_STRING;
    if (kind == JSON_NUMBER) plugin_string_free(&ret->val);
}

// Reads a customer of an answer.
static bool customer(
    const jackfield_http_outbound_response_t *answer, exports_jackfield_plugin_connector_guest_customer_t *ret,
    error_t_ *err) {
    const plugin_list_u8_t *body = &answer->body;
    if (!id_of(answer, &ret->id)) return failed(err, "the customer has no `id`");
    if (json_member(body->ptr, body->len, "name", &ret->name) != JSON_STRING || ret->name.len == 0) {
        exports_jackfield_plugin_connector_guest_customer_free(ret);
        return failed(err, "the customer has no `name`");
    }
    optional(body, "language", &ret->language);
    optional(body, "segment", &ret->segment);
    optional(body, "url", &ret->url);
    return true;
}

bool exports_jackfield_plugin_connector_guest_find_contact(
    plugin_string_t *address, exports_jackfield_plugin_connector_guest_option_customer_t *ret, error_t_ *err) {
    jackfield_http_outbound_request_t request;
    jackfield_http_outbound_response_t answer;
    plugin_string_t url;
    memset(&request, 0, sizeof request);
    memset(ret, 0, sizeof *ret);
    bool done = setting("url", &url, err);
    if (done) {
        request.method = JACKFIELD_HTTP_OUTBOUND_METHOD_GET;
        request.url = question(url, *address);
        plugin_string_free(&url);
        done = ask(&request, &answer, err);
    }
    plugin_string_free(address);
    if (!done) return false;
    ret->is_some = answer.status != 404;
    done = !ret->is_some || customer(&answer, &ret->val, err);
    jackfield_http_outbound_response_free(&answer);
    return done;
}

bool exports_jackfield_plugin_connector_guest_create_lead(
    exports_jackfield_plugin_connector_guest_lead_t *lead, plugin_string_t *ret, error_t_ *err) {
    json_t json = message("lead");
    json_optional(&json, "interaction", lead->interaction.is_some, lead->interaction.val);
    json_string(&json, "address", lead->address);
    json_optional(&json, "name", lead->name.is_some, lead->name.val);
    json_string(&json, "text", lead->text);
    exports_jackfield_plugin_connector_guest_lead_free(lead);
    bool has_id;
    if (!tell(json, &has_id, ret, err)) return false;
    return has_id || failed(err, "the answer to a lead has no `id`");
}

bool exports_jackfield_plugin_connector_guest_log_interaction(
    exports_jackfield_plugin_connector_guest_interaction_log_t *log, plugin_option_string_t *ret, error_t_ *err) {
    json_t json = message("log");
    json_string(&json, "id", log->id);
    json_optional(&json, "customer", log->customer.is_some, log->customer.val);
    json_optional(&json, "address", log->address.is_some, log->address.val);
    json_optional(&json, "queue", log->queue.is_some, log->queue.val);
    json_optional(&json, "agent", log->agent.is_some, log->agent.val);
    json_number(&json, "started_seconds", log->started_seconds);
    json_number(&json, "waited_ms", log->waited_ms);
    json_number(&json, "talked_ms", log->talked_ms);
    json_string(&json, "outcome", log->outcome);
    exports_jackfield_plugin_connector_guest_interaction_log_free(log);
    return tell(json, &ret->is_some, &ret->val, err);
}

bool exports_jackfield_plugin_connector_guest_attach_recording(
    exports_jackfield_plugin_connector_guest_recording_t *recording, error_t_ *err) {
    json_t json = message("recording");
    json_string(&json, "interaction", recording->interaction);
    json_optional(&json, "entry", recording->entry.is_some, recording->entry.val);
    json_string(&json, "url", recording->url);
    json_number(&json, "length_ms", recording->length_ms);
    exports_jackfield_plugin_connector_guest_recording_free(recording);
    return tell_only(json, err);
}

bool exports_jackfield_plugin_connector_guest_receive(
    exports_jackfield_plugin_connector_guest_incoming_t *request,
    exports_jackfield_plugin_connector_guest_reply_t *ret, error_t_ *err) {
    (void)err;
    // Nobody has checked who sent it: a connector that does more than this checks first.
    exports_jackfield_plugin_connector_guest_incoming_free(request);
    memset(ret, 0, sizeof *ret);
    ret->status = 204;
    return true;
}

bool exports_jackfield_plugin_connector_guest_run_schedule(error_t_ *err) {
    (void)err;
    plugin_string_t counter = text_of("schedules");
    jackfield_metrics_metrics_add(&counter, 1);
    return true;
}
