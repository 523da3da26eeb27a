// The part of the mock host that answers for what a plugin may have besides its question: settings,
// secrets, requests, messages, customers, state, time. A world has what its `plugin.h` imports.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "mock.h"
#include "mock_hmac.h"

double mock_now = 0.0;
double mock_chance = 0.5;

// What a test, or the plugin, has put here.
typedef enum { FREE, SETTING, SECRET, CHANNEL, CUSTOMER, STATE } kind_t;
typedef struct {
    kind_t kind;
    plugin_string_t name;
    plugin_string_t value;
} kept_t;
static kept_t kept[64];

static struct {
    unsigned status;
    const char *body;
} answers[16];
static size_t answers_given, answers_taken;

void mock_forget(void) {
    memset(kept, 0, sizeof kept);
    answers_given = answers_taken = 0;
    mock_now = 0.0;
    mock_chance = 0.5;
}

// What is of this kind and name; NULL if there is none.
static kept_t *find(kind_t kind, const plugin_string_t *name) {
    for (kept_t *one = kept; one < kept + 64; one++) {
        bool it = one->kind == kind && one->name.len == name->len;
        if (it && memcmp(one->name.ptr, name->ptr, name->len) == 0) return one;
    }
    return NULL;
}

static plugin_string_t copy(const void *ptr, size_t len) {
    plugin_string_t made = {malloc(len + 1), len};
    if (len) memcpy(made.ptr, ptr, len);
    made.ptr[len] = 0;
    return made;
}

static kept_t *keep(kind_t kind, plugin_string_t name, plugin_string_t value) {
    kept_t *place = find(kind, &name);
    for (kept_t *one = kept; !place && one < kept + 64; one++)
        if (one->kind == FREE) place = one;
    mock_check(place != NULL, "there is room in the mock host for 64 things", __FILE__, __LINE__);
    place->kind = kind;
    place->name = copy(name.ptr, name.len);
    place->value = copy(value.ptr, value.len);
    return place;
}

void mock_setting(const char *name, const char *value) {
    keep(SETTING, text(name), text(value));
}

void mock_secret(const char *name, const char *value) {
    keep(SECRET, text(name), text(value));
}

void mock_channel(const char *name) {
    keep(CHANNEL, text(name), text(""));
}

void mock_customer(const char *address, const char *name) {
    keep(CUSTOMER, text(address), text(name));
}

void mock_answer(unsigned status, const char *body) {
    mock_check(answers_given < 16, "at most 16 answers", __FILE__, __LINE__);
    answers[answers_given].status = status;
    answers[answers_given++].body = body;
}

#ifdef JACKFIELD_IMPORTS_SETTINGS_SETTINGS
bool jackfield_settings_settings_get(plugin_string_t *name, plugin_string_t *ret) {
    kept_t *found = find(SETTING, name);
    if (found) *ret = copy(found->value.ptr, found->value.len);
    return found != NULL;
}

static int by_name(const void *left, const void *right) {
    const jackfield_types_types_attribute_t *a = left, *b = right;
    return strcmp((char *)a->f0.ptr, (char *)b->f0.ptr);
}

void jackfield_settings_settings_all(jackfield_settings_settings_list_attribute_t *ret) {
    ret->len = 0;
    ret->ptr = calloc(64, sizeof *ret->ptr);
    for (kept_t *one = kept; one < kept + 64; one++) {
        if (one->kind != SETTING) continue;
        ret->ptr[ret->len].f0 = copy(one->name.ptr, one->name.len);
        ret->ptr[ret->len++].f1 = copy(one->value.ptr, one->value.len);
    }
    qsort(ret->ptr, ret->len, sizeof *ret->ptr, by_name);
}
#endif

#ifdef JACKFIELD_IMPORTS_SECRETS_SECRETS
typedef jackfield_secrets_secrets_secret_error_t secret_error_t;

static kept_t *secret(plugin_string_t *name, secret_error_t *err) {
    kept_t *found = find(SECRET, name);
    if (!found) {
        err->tag = JACKFIELD_SECRETS_SECRETS_SECRET_ERROR_UNKNOWN_NAME;
        err->val.unknown_name = copy(name->ptr, name->len);
    }
    return found;
}

bool jackfield_secrets_secrets_known(plugin_string_t *name) {
    return find(SECRET, name) != NULL;
}

bool jackfield_secrets_secrets_hmac_sha256(
    plugin_string_t *name, plugin_list_u8_t *data, plugin_list_u8_t *ret, secret_error_t *err) {
    kept_t *found = secret(name, err);
    if (!found) return false;
    ret->ptr = malloc(32);
    ret->len = 32;
    mock_hmac_sha256(found->value.ptr, found->value.len, data->ptr, data->len, ret->ptr);
    return true;
}

bool jackfield_secrets_secrets_verify_hmac_sha256(
    plugin_string_t *name, plugin_list_u8_t *data, plugin_list_u8_t *code, bool *ret, secret_error_t *err) {
    plugin_list_u8_t right;
    if (!jackfield_secrets_secrets_hmac_sha256(name, data, &right, err)) return false;
    *ret = code->len == right.len && memcmp(code->ptr, right.ptr, right.len) == 0;
    free(right.ptr);
    return true;
}

bool jackfield_secrets_secrets_equals(
    plugin_string_t *name, plugin_string_t *candidate, bool *ret, secret_error_t *err) {
    kept_t *found = secret(name, err);
    if (found) *ret = same(*candidate, (char *)found->value.ptr);
    return found != NULL;
}
#endif

#ifdef JACKFIELD_IMPORTS_HTTP_OUTBOUND
// Whether the plugin has every secret that a text names.
static bool has_secrets(plugin_string_t in, plugin_string_t *missing) {
    plugin_string_t whole = copy(in.ptr, in.len);
    for (char *at = (char *)whole.ptr; (at = strstr(at, "{{secret:")); ) {
        at += strlen("{{secret:");
        char *end = strstr(at, "}}");
        if (!end) break;
        plugin_string_t name = copy(at, (size_t)(end - at));
        if (find(SECRET, &name)) continue;
        *missing = name;
        return false;
    }
    return true;
}

bool jackfield_http_outbound_send(
    jackfield_http_outbound_request_t *request, jackfield_http_outbound_response_t *ret,
    jackfield_http_outbound_http_error_t *err) {
    static const char *const methods[] = {"get", "head", "post", "put", "patch", "delete"};
    plugin_string_t body = {request->body.ptr, request->body.len}, missing;
    mock_line(methods[request->method % 6], &request->url);
    bool known = has_secrets(body, &missing);
    for (size_t at = 0; at < request->headers.len; at++) {
        jackfield_types_types_attribute_t *header = &request->headers.ptr[at];
        mock_line((char *)copy(header->f0.ptr, header->f0.len).ptr, &header->f1);
        known = known && has_secrets(header->f1, &missing);
    }
    if (body.len) mock_line("body", &body);
    memset(ret, 0, sizeof *ret);
    if (!known) {
        err->tag = JACKFIELD_HTTP_OUTBOUND_HTTP_ERROR_INVALID;
        err->val.invalid = missing;
        return false;
    }
    unsigned status = answers_taken < answers_given ? answers[answers_taken].status : 0;
    if (status == 0) {
        answers_taken += answers_taken < answers_given;
        err->tag = JACKFIELD_HTTP_OUTBOUND_HTTP_ERROR_UNREACHABLE;
        err->val.unreachable = text("nobody is there");
        return false;
    }
    plugin_string_t said = text(answers[answers_taken++].body);
    ret->status = (uint16_t)status;
    ret->body.ptr = said.ptr;
    ret->body.len = said.len;
    return true;
}
#endif

#ifdef JACKFIELD_IMPORTS_MESSAGING_MESSAGING
bool jackfield_messaging_messaging_send(
    plugin_string_t *channel, plugin_string_t *to, plugin_string_t *said,
    jackfield_messaging_messaging_list_attribute_t *attributes, jackfield_messaging_messaging_receipt_t *ret,
    jackfield_messaging_messaging_messaging_error_t *err) {
    (void)attributes;
    if (!find(CHANNEL, channel)) {
        err->tag = JACKFIELD_MESSAGING_MESSAGING_MESSAGING_ERROR_UNKNOWN_CHANNEL;
        err->val.unknown_channel = copy(channel->ptr, channel->len);
        return false;
    }
    mock_line("message to", to);
    mock_line("message", said);
    ret->id = text("1");
    ret->state = text("accepted");
    return true;
}
#endif

#if defined(JACKFIELD_IMPORTS_CRM_READ) || defined(JACKFIELD_IMPORTS_CRM_WRITE)
// A customer by the address or by what the CRM calls it; that is set, if there is one.
static kept_t *customer(plugin_string_t *address, plugin_string_t *id) {
    unsigned number = 0;
    for (kept_t *one = kept; one < kept + 64; one++) {
        if (one->kind != CUSTOMER) continue;
        char called[16];
        snprintf(called, sizeof called, "c%u", ++number);
        if (!same(*address, called) && !same(*address, (char *)one->name.ptr)) continue;
        if (id) *id = text(called);
        return one;
    }
    return NULL;
}

bool jackfield_crm_read_find(
    plugin_string_t *address, jackfield_crm_read_card_t *ret, jackfield_crm_read_crm_error_t *err) {
    memset(ret, 0, sizeof *ret);
    kept_t *found = customer(address, &ret->id);
    if (found) ret->name = copy(found->value.ptr, found->value.len);
    else err->tag = JACKFIELD_CRM_READ_CRM_ERROR_NOT_FOUND;
    return found != NULL;
}

bool jackfield_crm_write_upsert(
    plugin_string_t *address, plugin_string_t *name, jackfield_crm_write_list_attribute_t *fields,
    jackfield_crm_write_contact_id_t *ret, jackfield_crm_write_crm_error_t *err) {
    (void)err;
    kept_t *found = customer(address, NULL);
    if (!found) found = keep(CUSTOMER, *address, text(""));
    if (name) found->value = copy(name->ptr, name->len);
    customer(address, ret);
    mock_line("upsert", ret);
    for (size_t at = 0; at < fields->len; at++) {
        plugin_string_t *field = &fields->ptr[at].f0;
        mock_line((char *)copy(field->ptr, field->len).ptr, &fields->ptr[at].f1);
    }
    return true;
}

bool jackfield_crm_write_note(
    jackfield_crm_write_contact_id_t *contact, jackfield_crm_write_interaction_id_t *interaction,
    plugin_string_t *said, jackfield_crm_write_crm_error_t *err) {
    (void)interaction;
    if (customer(contact, NULL)) {
        mock_line("note", said);
        return true;
    }
    err->tag = JACKFIELD_CRM_READ_CRM_ERROR_NOT_FOUND;
    return false;
}
#endif

#ifdef JACKFIELD_IMPORTS_CRM_SEGMENT
bool jackfield_crm_segment_kind(
    plugin_string_t *address, jackfield_crm_segment_customer_kind_t *ret, jackfield_crm_segment_crm_error_t *err) {
    memset(ret, 0, sizeof *ret);
    if (customer(address, &ret->id)) return true;
    err->tag = JACKFIELD_CRM_READ_CRM_ERROR_NOT_FOUND;
    return false;
}

bool jackfield_crm_address_of(
    jackfield_crm_address_contact_id_t *contact, jackfield_crm_address_addresses_t *ret,
    jackfield_crm_address_crm_error_t *err) {
    memset(ret, 0, sizeof *ret);
    kept_t *found = customer(contact, NULL);
    if (!found) {
        err->tag = JACKFIELD_CRM_READ_CRM_ERROR_NOT_FOUND;
        return false;
    }
    plugin_list_string_t *list = memchr(found->name.ptr, '@', found->name.len) ? &ret->emails : &ret->phones;
    list->len = 1;
    list->ptr = malloc(sizeof *list->ptr);
    *list->ptr = copy(found->name.ptr, found->name.len);
    return true;
}
#endif

#ifdef JACKFIELD_IMPORTS_STATE_STATE
bool jackfield_state_state_get(
    plugin_string_t *key, plugin_option_list_u8_t *ret, jackfield_state_state_state_error_t *err) {
    (void)err;
    kept_t *found = find(STATE, key);
    memset(ret, 0, sizeof *ret);
    ret->is_some = found != NULL;
    if (!found) return true;
    plugin_string_t value = copy(found->value.ptr, found->value.len);
    ret->val.ptr = value.ptr;
    ret->val.len = value.len;
    return true;
}

bool jackfield_state_state_set(
    plugin_string_t *key, plugin_list_u8_t *value, uint32_t *ttl_seconds, jackfield_state_state_state_error_t *err) {
    (void)ttl_seconds, (void)err;
    plugin_string_t bytes = {value->ptr, value->len};
    keep(STATE, *key, bytes);
    return true;
}

bool jackfield_state_state_compare_and_set(
    plugin_string_t *key, plugin_list_u8_t *expected, plugin_list_u8_t *value, bool *ret,
    jackfield_state_state_state_error_t *err) {
    kept_t *found = find(STATE, key);
    *ret = (found != NULL) == (expected != NULL);
    if (found && expected)
        *ret = found->value.len == expected->len && memcmp(found->value.ptr, expected->ptr, expected->len) == 0;
    return *ret ? jackfield_state_state_set(key, value, NULL, err) : true;
}
#endif

#ifdef JACKFIELD_IMPORTS_CLOCK_CLOCK
double jackfield_clock_clock_now_seconds(void) {
    return mock_now;
}

void jackfield_clock_clock_utc(jackfield_clock_clock_civil_t *ret) {
    jackfield_clock_clock_civil_t noon = {2024, 1, 1, 12, 0, 1};
    *ret = noon;
}

double jackfield_clock_clock_random(void) {
    return mock_chance;
}
#endif
