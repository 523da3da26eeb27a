//! Keys of what the centre does: trunks, numbers, tenants.

use jackfield_figures::kpi::GenesysSwitches;

use super::Kind::{
    Bool, Choice, Choices, Digit, Fraction, Integer, Language, Levels, Networks, Numbers, Path,
    Ranks, Secret, Settings, Text, Texts, Then, Time,
};
use super::Preset::{Absent, Is, Required};
use super::{Change, Key, keys};

/// Who must be there.
pub const STAFFING: &[&str] = &["nobody", "logged_in", "working", "free"];
/// The worlds of plugins that have entries of their own.
pub const CALLED: &[&str] = &["chatbot", "channel", "connector", "analyst", "pacer"];
/// The kinds of conversation.
pub const CHANNELS: &[&str] = &["voice", "chat", "email", "message", "task"];

keys! {
    "oidc.<name>.issuer" Text, Required, Restart,
        "The issuer of a provider of identity by which people sign in (OpenID Connect): `https://...`, or `http://` on this machine. Its client's redirect URI is `URL/api/v1/oidc/NAME/callback`.";
    "oidc.<name>.client_id" Text, Required, Restart, "What the client is called there.";
    "oidc.<name>.client_secret" Secret, Absent("a public client"), Restart, "The client's secret.";
    "oidc.<name>.scopes" Texts, Is("email,profile"), Restart,
        "What is asked for besides `openid`.";
    "oidc.<name>.tenant" Text, Absent("the provider's users"), Restart, "Whose users sign in by it.";
    "oidc.<name>.label" Text, Absent("the name"), Restart, "What stands on the button.";
    "oidc.<name>.roles" Choices(&["agent", "supervisor", "quality", "planner", "flow-editor", "admin", "provider"]), Absent("only users who are there already sign in"), Restart,
        "The roles of users who are made at their first sign-in; `provider` without a tenant, and only then.";
    "oidc.<name>.claim" Text, Is("email"), Restart,
        "The claim of the ID token that has the user's name; an `email` counts only if it is verified.";
    "oidc.<name>.url" Text, Absent("as each request says"), Restart,
        "The address of the console as browsers know it, such as `https://centre.example`.";

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
    "tenants.<id>.max_callbacks" Integer(1, 1_000_000), Is("10000"), Live,
        "Callbacks that may be open at once; further ones are refused.";
    "tenants.<id>.certificate_candidates" Integer(1, 1_000), Is("8"), Live,
        "How many candidates the certificate of a decision names; all are counted.";
    "tenants.<id>.calibration.window" Integer(10, 1_000), Is("200"), Live,
        "How many of the latest estimates of a queue's waits are judged. Waits are told only while calibrated.";
    "tenants.<id>.calibration.minimum" Integer(1, 1_000), Is("50"), Live,
        "From how many answered ones on there is a verdict; with fewer nothing is told. At most `window`.";
    "tenants.<id>.calibration.p50_tolerance" Fraction(0.0, 0.5), Is("0.1"), Live,
        "How far from one half the share of waits within P50 may be.";
    "tenants.<id>.calibration.p90_tolerance" Fraction(0.0, 0.5), Is("0.05"), Live,
        "How far from 0.9 the share of waits within P90 may be.";
    "tenants.<id>.max_schedule_entries" Integer(1, 10_000), Is("1000"), Live,
        "Entries of an agent's schedule that are set at once; more are refused.";
    "tenants.<id>.max_reason" Integer(1, 10_000), Is("200"), Live,
        "The longest reason of a contact, in characters.";
    "tenants.<id>.figures.window" Time("1h", "30d", false), Is("7d"), Live,
        "W of FCR and containment: who comes again within it was not served at the first contact. This key and the next ones are for reports that say nothing else.";
    "tenants.<id>.figures.same_reason" Bool, Is("false"), Live,
        "Whether only a contact with the same reason repeats another one.";
    "tenants.<id>.figures.channels" Choices(CHANNELS), Absent("all"), Live,
        "The channels that are looked at for FCR and containment.";
    "tenants.<id>.figures.exclude_transferred" Bool, Is("false"), Live,
        "Whether FCR leaves out contacts that were transferred.";
    "tenants.<id>.figures.exclude_abandoned" Bool, Is("false"), Live,
        "Whether a contact that was abandoned repeats no other one.";
    "tenants.<id>.figures.genesys_exclude" Choices(&GenesysSwitches::PARTS), Absent("nothing"), Live,
        "What Genesys Cloud's service level leaves out of its denominator.";
    "tenants.<id>.figures.kept" Time("24h", "31d", false), Is("48h"), Restart,
        "How far live figures go back, in memory; reports of the journal know all of it.";
    "tenants.<id>.packages.require_signature" Bool, Is("false"), Live,
        "Only packages that a publisher of `plugins.trust` signed are installed, and no bare components.";
    "tenants.<id>.packages.publishers" Texts, Is(""), Live,
        "Whose packages are installed; empty is everybody in `plugins.trust`.";
    "tenants.<id>.packages.operator_grants" Texts, Is(""), Live,
        "Permissions with which only the operator installs a package: `crm.write`, `http *`.";

    "tenants.<id>.api_tokens[].name" Text, Required, Restart, "What the token is called in logs.";
    "tenants.<id>.api_tokens[].token" Secret, Required, Restart, "The bearer token.";
    "tenants.<id>.api_tokens[].scopes" Choices(&["read", "write", "admin"]), Is("read"), Restart,
        "What it may do.";
    "tenants.<id>.fallback.message" Text, Is(""), Live,
        "What a caller hears when the flow fails; empty says nothing.";
    "tenants.<id>.fallback.then" Then, Is("hang_up"), Live, "What happens next.";
    "tenants.<id>.flows.<name>.script" Path, Required, Restart,
        "The script published as version 1 at the first start; later versions come by `jackfield flow publish`.";
    "tenants.<id>.routers.<name>.plugin" Text, Absent("`script` is required"), Restart,
        "The plugin that chooses agents.";
    "tenants.<id>.routers.<name>.script" Path, Absent("`plugin` is required"), Restart,
        "A script that scores agents, published at the first start; later versions come by `jackfield router publish`.";
    "tenants.<id>.routers.<name>.gate" Text, Absent("none"), Restart,
        "What another version must reach on the last day's calls, candidate minus active, before it may decide: `SL1 >= -0.5pp, abandon <= +0.2pp`. Going back is not asked for it.";
    "tenants.<id>.estimators.<name>.plugin" Text, Required, Restart,
        "The plugin that estimates waits.";

    "tenants.<id>.flows.<name>.grants" Texts, Absent("`state`, `metrics`, `clock`, `log`, `crm.read`, `crm.write`"), Restart,
        "What the flow may import, instead of these.";
    "tenants.<id>.routers.<name>.grants" Texts, Absent("none more"), Restart,
        "What the router may import besides `state`, `metrics`, `clock` and `log`: `crm.history`.";
    "tenants.<id>.estimators.<name>.grants" Texts, Absent("none more"), Restart,
        "What the estimator may import besides `state`, `metrics`, `clock` and `log`.";

    "tenants.<id>.webchat.enabled" Bool, Is("false"), Live,
        "Whether visitors of web sites write in the chat window that this server brings, `/widget.js`. The channel is called `web`: no plugin of the tenant may be.";
    "tenants.<id>.webchat.origins" Texts, Is(""), Live,
        "The sites whose pages may show it: `https://www.example.com`; `*` is any.";
    "tenants.<id>.webchat.chatbot" Text, Absent("a person answers at once"), Live,
        "The chatbot that answers first, one of the tenant's `plugins`.";
    "tenants.<id>.webchat.queue" Text, Absent("required where it is enabled"), Live,
        "The queue of conversations that a person is to answer.";
    "tenants.<id>.webchat.idle" Time("10s", "30d", false), Is("30m"), Live,
        "A conversation without a message for so long is over.";
    "tenants.<id>.webchat.message_max" Integer(1, 2_000), Is("2000"), Live,
        "Characters of one message of a visitor.";
    "tenants.<id>.webchat.messages_per_minute" Integer(1, 10_000), Is("20"), Live,
        "Messages that one visitor may write in a minute.";
    "tenants.<id>.webchat.address_messages_per_minute" Integer(1, 100_000), Is("100"), Live,
        "Messages that may come from one IP address in a minute, of all its visitors.";
    "tenants.<id>.webchat.connections" Integer(1, 1_000_000), Is("2000"), Live,
        "Pages that are connected at once.";
    "tenants.<id>.webchat.address_connections" Integer(1, 100_000), Is("50"), Live,
        "Pages that are connected at once from one IP address; `http.proxies` says whose word about it counts.";
    "tenants.<id>.webchat.conversations" Integer(1, 1_000_000), Is("1000"), Live,
        "Conversations that are open at once.";
    "tenants.<id>.webchat.history" Integer(20, 1_000), Is("100"), Live,
        "Messages of this and earlier visits that a visitor who comes back is shown.";

    "tenants.<id>.plugins.<name>.world" Choice(CALLED), Required, Restart,
        "What the plugin is for.";
    "tenants.<id>.plugins.<name>.plugin" Text, Absent("a version that was installed by `jackfield plugin install`"), Restart,
        "The plugin that comes with Jackfield and serves until another version is installed.";
    "tenants.<id>.plugins.<name>.grants" Texts, Absent("none more"), Restart,
        "What it may import besides `state`, `metrics`, `clock` and `log`: `crm.segment`, `crm.read`, `crm.address`, `crm.write`, `http`, `secrets`, `messaging`.";
    "tenants.<id>.plugins.<name>.hosts" Texts, Is(""), Live,
        "The hosts that the grant `http` reaches: `api.example.com`, `*.example.com`; https on 443, or with `:port` that port, by https or http.";
    "tenants.<id>.plugins.<name>.secrets.<secret>" Secret, Absent("none"), Live,
        "A secret that the plugin uses by this name and never sees.";
    "tenants.<id>.plugins.<name>.settings" Settings, Is("{}"), Live,
        "What the plugin is told, by its own names; checked against the schema in its manifest.";
    "tenants.<id>.plugins.<name>.chatbot" Text, Absent("a person answers at once"), Live,
        "Of a channel: the chatbot that answers first, one of the tenant's `plugins`.";
    "tenants.<id>.plugins.<name>.queue" Text, Absent("conversations cannot be handed over"), Live,
        "Of a channel: the queue of conversations that a person is to answer.";
    "tenants.<id>.plugins.<name>.idle" Time("10s", "30d", false), Is("30m"), Live,
        "Of a channel: a conversation without a message for so long is over.";
    "tenants.<id>.plugins.<name>.every" Time("1s", "30d", false), Absent("never"), Restart,
        "Of a connector: how often it does what is due.";
    "tenants.<id>.plugins.<name>.lookup" Bool, Is("false"), Live,
        "Of a connector: whether it is asked for customers that the tenant's own contacts do not have.";
    "tenants.<id>.plugins.<name>.leads" Bool, Is("false"), Live,
        "Of a connector: whether a customer whom the other system does not know becomes a lead there when a contact is over, if there is a card here; once. Needs the grant `crm.address`.";

    "tenants.<id>.hours.<name>.time_zone" Text, Required, Live,
        "Whose clock it is: an IANA name such as `Europe/Riga`, or `UTC`.";
    "tenants.<id>.hours.<name>.weekly[].days" Text, Required, Live,
        "The days on which the span starts: `mon-fri`, `sat,sun`, `daily`.";
    "tenants.<id>.hours.<name>.weekly[].from" Text, Required, Live, "When it starts: `09:00`.";
    "tenants.<id>.hours.<name>.weekly[].to" Text, Required, Live,
        "When it ends; at or before `from` it is a time of the next day, and `24:00` is midnight.";
    "tenants.<id>.hours.<name>.holidays" Texts, Is(""), Live,
        "Days without hours: `2026-04-03` once, `12-25` every year.";
    "tenants.<id>.hours.<name>.exceptions[].date" Text, Required, Live,
        "A day with hours of its own, whatever the week and the holidays say: `2026-12-24`.";
    "tenants.<id>.hours.<name>.exceptions[].spans[].from" Text, Required, Live,
        "When a span of that day starts. A day without spans is closed.";
    "tenants.<id>.hours.<name>.exceptions[].spans[].to" Text, Required, Live, "When it ends.";

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
    "tenants.<id>.queues.<name>.wrap_up_codes" Texts, Is(""), Live,
        "What a contact may have been about: with any, an agent has to choose one at a desk.";
    "tenants.<id>.queues.<name>.wrap_up_required" Texts, Is(""), Live,
        "What an agent has to write down after a contact: `order number`.";
    "tenants.<id>.queues.<name>.wrap_up_fields" Texts, Is(""), Live,
        "What an agent may write down besides.";
    "tenants.<id>.queues.<name>.overflow" Text, Absent("back to the flow"), Live,
        "The queue a caller goes to after `max_wait`, or beyond `max_size`.";
    "tenants.<id>.queues.<name>.needs_agents" Bool, Is("false"), Live,
        "Whether callers are turned away while nobody who could serve them is logged in: short for both of the next two.";
    "tenants.<id>.queues.<name>.join_needs" Choice(STAFFING), Absent("`logged_in` with `needs_agents`, else `nobody`"), Live,
        "Who must be there for a caller to join, of those who could serve it: one logged in, one logged in and not NotReady, one who is free.";
    "tenants.<id>.queues.<name>.stay_needs" Choice(STAFFING), Absent("`logged_in` with `needs_agents`, else `nobody`"), Live,
        "Who must be there for a caller to go on waiting.";
    "tenants.<id>.queues.<name>.weight" Integer(0, 255), Is("0"), Live,
        "Callers of a heavier queue go first wherever queues share agents, whatever their priority and wait.";
    "tenants.<id>.queues.<name>.age_every" Time("1s", "1d", true), Is("0s"), Live,
        "A caller's priority rises by one each time it has waited this long; 0s is never.";
    "tenants.<id>.queues.<name>.age_limit" Integer(-128, 127), Is("127"), Live,
        "The priority that waiting alone can reach.";
    "tenants.<id>.queues.<name>.eligible" Text, Absent("all agents of the queue"), Live,
        "Which agents may be offered the queue's callers: `language == \"ru\" && level(\"sales\") >= 3`.";
    "tenants.<id>.queues.<name>.steps[].after" Time("1s", "1d", false), Required, Live,
        "From this long after joining the queue, what an agent must be able to do is changed as follows.";
    "tenants.<id>.queues.<name>.steps[].eligible" Text, Absent("as before"), Live,
        "The expression in place of the one before; `true` drops it.";
    "tenants.<id>.queues.<name>.steps[].add" Levels, Is("{}"), Live,
        "Skills that are required too, at least at these levels.";
    "tenants.<id>.queues.<name>.steps[].lower" Levels, Is("{}"), Live,
        "Levels that are enough if a higher one of these skills is required.";
    "tenants.<id>.queues.<name>.steps[].lower_all" Integer(0, 9), Is("0"), Live,
        "The levels of all required skills are lower by this, but not under 1.";
    "tenants.<id>.queues.<name>.steps[].drop" Texts, Is(""), Live,
        "Skills that are no longer required.";
    "tenants.<id>.queues.<name>.steps[].drop_all" Bool, Is("false"), Live,
        "Whether no skill is required any more.";
    "tenants.<id>.queues.<name>.hours" Text, Absent("always open"), Live,
        "When the queue is open: one of the tenant's `hours`.";
    "tenants.<id>.queues.<name>.branches" Texts, Is(""), Live,
        "Where a caller goes while the queue is closed: the first of these queues that is open.";
    "tenants.<id>.queues.<name>.at_closing" Choice(&["serve", "release"]), Is("serve"), Live,
        "What happens to those who wait when the hours end: they are served while agents are there, or go to an open branch or back to the flow.";
    "tenants.<id>.queues.<name>.closed_message" Text, Absent("nothing"), Live,
        "What a caller is told who finds the queue closed: a text, or the name of a recorded prompt.";
    "tenants.<id>.queues.<name>.settings" Settings, Is("{}"), Live,
        "What routers and estimators are told of the queue, by their own names.";
    "tenants.<id>.queues.<name>.estimator" Text, Absent("no wait is told"), Live,
        "Who estimates the waits: one of the tenant's `estimators`.";
    "tenants.<id>.queues.<name>.announcements.first" Time("1s", "1h", false), Is("15s"), Live,
        "When a caller is first told how things stand, after joining. Without the table nothing is told.";
    "tenants.<id>.queues.<name>.announcements.every" Time("5s", "1h", false), Is("1m"), Live,
        "How long after that it is told again.";
    "tenants.<id>.queues.<name>.announcements.position" Bool, Is("true"), Live,
        "Whether the position in line is told.";
    "tenants.<id>.queues.<name>.announcements.wait" Bool, Is("false"), Live,
        "Whether the estimated wait is told; nothing is said of it while the estimator is not calibrated.";
    "tenants.<id>.queues.<name>.announcements.message" Text, Absent("none"), Live,
        "What is told besides: a text, or the name of a recorded prompt.";
    "tenants.<id>.queues.<name>.callbacks.after_abandon" Time("1s", "1d", true), Is("0s"), Live,
        "A caller who hangs up after waiting at least this long is called back; 0s is never.";
    "tenants.<id>.queues.<name>.callbacks.mode" Choice(&["agent_first", "customer_first"]), Is("agent_first"), Live,
        "Who is called first: the agent takes the callback and then the customer is dialled, or the customer is dialled when next in line.";
    "tenants.<id>.queues.<name>.callbacks.attempts" Integer(1, 20), Is("3"), Live,
        "How often the customer is tried.";
    "tenants.<id>.queues.<name>.callbacks.retry" Time("10s", "1d", false), Is("10m"), Live,
        "The time between two tries.";
    "tenants.<id>.queues.<name>.callbacks.deadline" Time("1m", "30d", false), Is("4h"), Live,
        "From the request to the alarm that nobody has called.";
    "tenants.<id>.queues.<name>.callbacks.owner_only" Time("1s", "30d", true), Is("30m"), Live,
        "For how long a callback with an owner waits for that agent alone; 0s is not at all.";
    "tenants.<id>.queues.<name>.callback_key" Digit, Absent("none"), Live,
        "The key by which a caller hangs up without losing the place: it is called back.";
    "tenants.<id>.queues.<name>.service_level.share" Fraction(0.0, 1.0), Is("0.8"), Live,
        "The share of calls to be answered in time.";
    "tenants.<id>.queues.<name>.service_level.within" Time("1s", "1d", false), Is("20s"), Live,
        "What in time means.";
    "tenants.<id>.queues.<name>.short_abandon" Time("1s", "1m", true), Is("5s"), Live,
        "A caller who hangs up sooner does not count as abandoned; 0s counts all.";
    "tenants.<id>.queues.<name>.standard_time" Time("1s", "1d", true), Is("0s"), Live,
        "The standard time of a contact, for the earned-hours index; 0s is none.";
    "tenants.<id>.queues.<name>.not_ready_on_no_answer" Bool, Is("true"), Live,
        "Whether an agent who does not answer is set not ready, or gets the next call.";
    "tenants.<id>.queues.<name>.refusals_max" Integer(0, 100), Is("0"), Live,
        "After this many refusals or unanswered calls in a row an agent is set not ready; 0 is never.";
    "tenants.<id>.queues.<name>.record" Bool, Is("false"), Live, "Whether calls are recorded.";
    "tenants.<id>.queues.<name>.music" Path, Absent("the tenant's"), Live,
        "A WAV file played over and over to those who wait in this queue or are put on hold by its agent; a file that cannot be read stops the start, and a reload. A call that the flow has not answered hears ringing instead, and no announcements.";
    "tenants.<id>.queues.<name>.leave_key" Digit, Absent("none"), Live,
        "The key by which a caller leaves the queue, back to the flow.";

    "tenants.<id>.blends.<name>.calls" Texts, Required, Live,
        "The queues whose load counts.";
    "tenants.<id>.blends.<name>.deferred" Texts, Required, Live,
        "The queues that can wait: nothing is offered from them during the peak.";
    "tenants.<id>.blends.<name>.peak_waiting" Integer(1, 100_000), Is("5"), Live,
        "The peak begins when this many wait in all of `calls`.";
    "tenants.<id>.blends.<name>.peak_wait" Time("1s", "1d", false), Is("30s"), Live,
        "The peak begins when one has waited this long.";
    "tenants.<id>.blends.<name>.calm_waiting" Integer(0, 100_000), Is("0"), Live,
        "The peak can end with at most this many waiting.";
    "tenants.<id>.blends.<name>.calm_for" Time("1s", "1d", false), Is("1m"), Live,
        "For so long they must have been no more.";

    "tenants.<id>.agents.<id>.password" Secret, Absent("none: `uri` is required"), Live,
        "The password the agent's phone registers with.";
    "tenants.<id>.agents.<id>.uri" Text, Absent("the registered phone"), Live,
        "Where the agent is reached instead of a registered phone: `sip:1001@pbx.example`.";
    "tenants.<id>.agents.<id>.skills" Levels, Is("{}"), Live, "What the agent can do, how well.";
    "tenants.<id>.agents.<id>.queues" Levels, Is("{}"), Live, "The queues served, how well.";
    "tenants.<id>.agents.<id>.ranks" Ranks, Is("{}"), Live,
        "The agent's own order of queues, for routers that mind it: lower is earlier, none is 0.";
    "tenants.<id>.agents.<id>.attributes" Settings, Is("{}"), Live,
        "What routers and `eligible` know of the agent: `language`, `branch`, `cost`.";
    "tenants.<id>.agents.<id>.capacity.<channel>.slots" Integer(0, 100), Is("1"), Live,
        "How much work of this channel at once: `voice`, `chat`, `email`, `message` or `task`. A channel that is not named is one at a time and fills the agent.";
    "tenants.<id>.agents.<id>.capacity.<channel>.weight" Integer(1, 100), Is("100"), Live,
        "The share of the agent that one takes, in percent; all work in hand is at most 100.";
    "tenants.<id>.agents.<id>.capacity.<channel>.interruptible" Bool, Is("false"), Live,
        "Whether it is put aside for work that is not interruptible.";
    "tenants.<id>.agents.<id>.protected[].hours" Text, Required, Live,
        "Hours that are kept for some of the work: one of the tenant's `hours`.";
    "tenants.<id>.agents.<id>.protected[].channels" Choices(CHANNELS), Absent("none"), Live,
        "The channels that may be offered then; with no `queues` either, nothing is.";
    "tenants.<id>.agents.<id>.protected[].queues" Texts, Is(""), Live,
        "The queues that may be offered then, whatever the channel.";
    "tenants.<id>.agents.<id>.ready_on_register" Bool, Is("false"), Live,
        "Whether the agent is ready as soon as the phone has registered.";
}
