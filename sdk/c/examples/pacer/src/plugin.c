// So many calls for each idle agent, and one for each while too many customers are left without an agent.
#include <stdlib.h>
#include <string.h>
#include "plugin.h"
#include "text.h"

// When to be asked again, in milliseconds.
#define AGAIN_MS 1000

// Calls for each idle agent; 0 if the setting makes no sense.
static double per_agent(void) {
    plugin_string_t name = text_of("per-agent"), value;
    if (!jackfield_settings_settings_get(&name, &value)) return 1.5;
    char digits[32] = {0}, *end;
    memcpy(digits, value.ptr, value.len < sizeof digits ? value.len : 0);
    plugin_string_free(&value);
    double calls = strtod(digits, &end);
    return end > digits && *end == 0 && calls >= 1.0 && calls <= 5.0 ? calls : 0.0;
}

bool exports_jackfield_plugin_pacer_guest_decide(
    exports_jackfield_plugin_pacer_guest_campaign_t *campaign, exports_jackfield_plugin_pacer_guest_pace_t *ret,
    exports_jackfield_plugin_pacer_guest_plugin_error_t *err) {
    double calls = per_agent();
    bool over = campaign->abandoned > campaign->abandoned_max * campaign->answered;
    // Not below one for each, and at most five: more than 32 bits hold if nobody counts so many agents.
    uint64_t wanted = over ? campaign->agents_idle : (uint64_t)(campaign->agents_idle * calls);
    // Calls under way were placed at an earlier question.
    uint64_t under_way = (uint64_t)campaign->dialling + campaign->waiting;
    exports_jackfield_plugin_pacer_guest_campaign_free(campaign);
    if (calls == 0.0)
        return text_refuse(err, JACKFIELD_TYPES_TYPES_PLUGIN_ERROR_CONFIGURATION, "`per-agent` is a number from 1 to 5");
    uint64_t dial = wanted > under_way ? wanted - under_way : 0;
    memset(ret, 0, sizeof *ret);
    ret->dial = dial > UINT32_MAX ? UINT32_MAX : (uint32_t)dial;
    ret->again_ms = AGAIN_MS;
    ret->because.len = 1;
    ret->because.ptr = malloc(sizeof *ret->because.ptr);
    text_attribute(ret->because.ptr, "rule", over ? "abandon-limit" : "per-agent");
    return true;
}
