//! Keys of what the centre does: trunks, numbers, tenants.

use super::Kind::{
    Bool, Choices, Digit, Fraction, Integer, Language, Levels, Networks, Numbers, Path, Secret,
    Text, Texts, Then, Time,
};
use super::Preset::{Absent, Is, Required};
use super::{Change, Key, keys};

keys! {
    "trunks.<name>.sources" Networks, Is(""), Live,
        "Networks whose calls are let in without a password. The first trunk that fits is taken.";
    "trunks.<name>.user" Text, Absent("no password is asked"), Live,
        "The digest user that calls of this trunk come with.";
    "trunks.<name>.password" Secret, Absent("none"), Live, "Its password.";
    "trunks.<name>.numbers" Numbers, Absent("all"), Live, "The numbers that may be reached.";
    "trunks.<name>.outbound.proxy" Text, Required, Live,
        "Where calls are sent: `host:port`, with an optional `;transport=tcp`.";
    "trunks.<name>.outbound.domain" Text, Absent("the proxy's host"), Live,
        "The host in the addresses of numbers called.";
    "trunks.<name>.outbound.from" Text, Absent("the tenant's number"), Live,
        "The URI of the From header.";
    "trunks.<name>.outbound.user" Text, Absent("no credentials"), Live, "The digest user.";
    "trunks.<name>.outbound.password" Secret, Absent("none"), Live, "Its password.";
    "trunks.<name>.outbound.register" Bool, Is("false"), Restart,
        "Whether to register with the trunk.";
    "trunks.<name>.outbound.registrar" Text, Absent("`sip:` and the proxy"), Restart,
        "The registrar's URI.";
    "trunks.<name>.outbound.aor" Text, Absent("`from`"), Restart,
        "The address of record to register: `sip:user@domain`.";
    "trunks.<name>.outbound.expires" Time("1m", "1d", false), Is("1h"), Restart,
        "The expiry to ask for.";

    "numbers.<dialled>.tenant" Text, Required, Live,
        "Whose call it is. `<dialled>` is a number, or a prefix that ends in `*`; an exact number comes first, then the longest prefix.";
    "numbers.<dialled>.flow" Text, Required, Live, "The flow that takes the call.";

    "tenants.<id>.name" Text, Absent("the id"), Live, "What the tenant is called.";
    "tenants.<id>.domain" Text, Absent("none"), Restart,
        "The SIP domain of its agents. With it an agent registers as `agent@domain`; without it agent names must differ from those of other tenants.";
    "tenants.<id>.language" Language, Is("en"), Live, "The language prompts are spoken in.";
    "tenants.<id>.languages" Texts, Absent("`language`"), Live, "All languages it serves.";
    "tenants.<id>.country_code" Text, Absent("numbers are compared as they come"), Live,
        "Put before national numbers so that a contact is found however the number is written.";
    "tenants.<id>.contacts" Path, Absent("none"), Restart,
        "A CSV file of contacts, imported at the first start.";
    "tenants.<id>.prompts" Path, Absent("none"), Restart, "A folder of recorded prompts.";
    "tenants.<id>.music" Path, Absent("a soft built-in tone"), Restart,
        "A WAV file played to those who wait.";
    "tenants.<id>.max_interactions" Integer(1, 1_000_000), Is("10000"), Live,
        "Calls of the tenant at once; further ones are refused.";
    "tenants.<id>.api_tokens[].name" Text, Required, Restart, "What the token is called in logs.";
    "tenants.<id>.api_tokens[].token" Secret, Required, Restart, "The bearer token.";
    "tenants.<id>.api_tokens[].scopes" Choices(&["read", "write", "admin"]), Is("read"), Restart,
        "What it may do.";
    "tenants.<id>.fallback.message" Text, Is(""), Live,
        "What a caller hears when the flow fails; empty says nothing.";
    "tenants.<id>.fallback.then" Then, Is("hang_up"), Live, "What happens next.";
    "tenants.<id>.flows.<name>.script" Path, Required, Restart,
        "The script published as version 1 at the first start; later versions come by `jackfield flow publish`.";
    "tenants.<id>.routers.<name>.plugin" Text, Required, Restart, "The plugin that chooses agents.";

    "tenants.<id>.queues.<name>.router" Text, Absent("the built-in rule"), Live,
        "Who chooses the agent: one of the tenant's `routers`. Built in is: longest idle first.";
    "tenants.<id>.queues.<name>.ring_time" Time("5s", "120s", false), Is("15s"), Live,
        "How long an agent's phone rings before the call goes to the next.";
    "tenants.<id>.queues.<name>.max_wait" Time("1s", "1d", true), Is("0s"), Live,
        "How long a caller may wait before overflow; 0s is for ever.";
    "tenants.<id>.queues.<name>.max_size" Integer(1, 100_000), Is("1000"), Live,
        "How many may wait; the next ones overflow.";
    "tenants.<id>.queues.<name>.wrap_up" Time("1s", "1h", true), Is("0s"), Live,
        "Time for the agent's work after a call; 0s is ready at once.";
    "tenants.<id>.queues.<name>.overflow" Text, Absent("back to the flow"), Live,
        "The queue a caller goes to after `max_wait`, or beyond `max_size`.";
    "tenants.<id>.queues.<name>.needs_agents" Bool, Is("false"), Live,
        "Whether callers are turned away while nobody who could serve them is logged in.";
    "tenants.<id>.queues.<name>.service_level.share" Fraction(0.0, 1.0), Is("0.8"), Live,
        "The share of calls to be answered in time.";
    "tenants.<id>.queues.<name>.service_level.within" Time("1s", "1d", false), Is("20s"), Live,
        "What in time means.";
    "tenants.<id>.queues.<name>.short_abandon" Time("1s", "1m", true), Is("5s"), Live,
        "A caller who hangs up sooner does not count as abandoned; 0s counts all.";
    "tenants.<id>.queues.<name>.not_ready_on_no_answer" Bool, Is("true"), Live,
        "Whether an agent who does not answer is set not ready, or gets the next call.";
    "tenants.<id>.queues.<name>.record" Bool, Is("false"), Live, "Whether calls are recorded.";
    "tenants.<id>.queues.<name>.music" Path, Absent("the tenant's"), Live,
        "A WAV file played to those who wait in this queue.";
    "tenants.<id>.queues.<name>.leave_key" Digit, Absent("none"), Live,
        "The key by which a caller leaves the queue, back to the flow.";

    "tenants.<id>.agents.<id>.password" Secret, Absent("none: `uri` is required"), Live,
        "The password the agent's phone registers with.";
    "tenants.<id>.agents.<id>.uri" Text, Absent("the registered phone"), Live,
        "Where the agent is reached instead of a registered phone: `sip:1001@pbx.example`.";
    "tenants.<id>.agents.<id>.skills" Levels, Is("{}"), Live, "What the agent can do, how well.";
    "tenants.<id>.agents.<id>.queues" Levels, Is("{}"), Live, "The queues served, how well.";
    "tenants.<id>.agents.<id>.ready_on_register" Bool, Is("false"), Live,
        "Whether the agent is ready as soon as the phone has registered.";
}
