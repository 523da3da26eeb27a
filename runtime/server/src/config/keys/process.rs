//! Keys of the process: storage, telephony, HTTP, speech, plugins, log.

use super::Kind::{
    Address, Bool, Choice, Choices, Fraction, Integer, Networks, Path, Size, Text, Texts, Time,
};
use super::Preset::{Absent, Is};
use super::{Change, Key, keys};

keys! {
    "store.path" Path, Is("data"), Restart,
        "The folder of journals, contacts, recordings and installed plugins.";
    "store.commit_interval" Time("1ms", "1s", false), Is("5ms"), Restart,
        "How long records are gathered before one durable commit writes them together.";
    "store.pending_bytes_max" Size("64KiB", "1GiB"), Is("64MiB"), Restart,
        "Records that may wait for a commit; beyond it new calls are refused.";
    "store.segment_bytes" Size("64KiB", "1GiB"), Is("64MiB"), Restart,
        "The size at which a journal starts a new file.";
    "store.checkpoint_after" Size("1MiB", "64GiB"), Is("256MiB"), Restart,
        "The bytes of log after which the state is copied to a checkpoint; a restart reads no more log than this.";
    "store.journal_keep" Time("1h", "3650d", true), Is("30d"), Restart,
        "How long journal records are kept at least; 0s is for ever.";
    "store.cache_bytes" Size("1MiB", "64GiB"), Is("128MiB"), Restart,
        "Memory for pages of the database.";

    "sip.bind" Address, Is("127.0.0.1"), Restart, "The address to listen on.";
    "sip.port" Integer(0, 65_535), Is("5060"), Restart,
        "The port for every transport; 0 takes any free one.";
    "sip.transports" Choices(&["udp", "tcp"]), Is("udp,tcp"), Restart, "Where SIP is spoken.";
    "sip.advertise" Text, Absent("the bound address"), Restart,
        "The host in Via and Contact, for a machine behind NAT.";
    "sip.user_agent" Text, Is("Jackfield"), Restart, "The User-Agent and Server header.";
    "sip.realm" Text, Is("jackfield"), Restart, "The realm of digest challenges.";
    "sip.register_expires_min" Time("10s", "1d", false), Is("1m"), Restart,
        "The shortest registration granted; phones that ask for less get a 423.";
    "sip.register_expires_max" Time("10s", "30d", false), Is("1h"), Restart,
        "The longest registration granted.";
    "sip.session_expires" Time("90s", "1d", true), Is("30m"), Restart,
        "Session-Expires offered and accepted (RFC 4028); 0s switches session timers off.";
    "sip.min_session_expires" Time("90s", "1d", false), Is("90s"), Restart,
        "The least Session-Expires accepted.";
    "sip.max_calls" Integer(1, 1_000_000), Is("10000"), Restart,
        "Calls at once, those being set up included; beyond it a 503 with Retry-After.";
    "sip.max_calls_per_second" Integer(0, 100_000), Is("0"), Restart,
        "New calls admitted in a second; beyond it a 503 with Retry-After. 0 is no limit.";
    "sip.max_lag" Time("5ms", "10s", true), Is("100ms"), Restart,
        "How late the process may be in doing what is due; beyond it new calls get a 503 with Retry-After, so that those let in are served in time. 0s switches it off.";
    "sip.max_backlog" Integer(16, 65_536), Is("512"), Restart,
        "SIP messages that may wait to be looked at; beyond it new calls get a 503 with Retry-After.";
    "sip.retry_after" Time("1s", "1h", false), Is("5s"), Restart,
        "What a caller refused by a limit is told to wait.";

    "rtp.bind" Address, Absent("`sip.bind`"), Restart, "The address to receive media on.";
    "rtp.advertise" Address, Absent("`rtp.bind`"), Restart,
        "The address in SDP, for a machine behind NAT.";
    "rtp.port_min" Integer(1_024, 65_534), Is("20000"), Restart, "The lowest media port.";
    "rtp.port_max" Integer(1_024, 65_535), Is("29998"), Restart,
        "The highest media port, inclusive. A call leg takes an even one.";
    "rtp.codecs" Choices(&["pcma", "pcmu"]), Is("pcma,pcmu"), Restart,
        "Codecs in order of preference.";
    "rtp.jitter" Time("20ms", "1s", false), Is("40ms"), Restart,
        "How much received audio is held, at least, to even out its arrival.";
    "rtp.timeout" Time("1s", "1h", true), Is("30s"), Restart,
        "Without media for this long a call is lost and ends; 0s switches it off.";

    "webrtc.enabled" Bool, Is("true"), Restart, "Whether agents may talk in the browser.";
    "webrtc.bind" Address, Absent("`rtp.bind`"), Restart, "The address to receive browsers' voice on.";
    "webrtc.port" Integer(0, 65_535), Is("0"), Restart,
        "The one UDP port for the voice of all browsers; 0 takes any free one.";
    "webrtc.advertise" Address, Absent("`rtp.advertise`, else `webrtc.bind`"), Restart,
        "The address that browsers send to, for a machine behind NAT.";
    "webrtc.lines_max" Integer(1, 100_000), Is("1000"), Restart,
        "Browsers with voice at once.";
    "webrtc.lost_after" Time("3s", "1m", false), Is("6s"), Restart,
        "Without a sign of life for this long a browser is lost: nothing rings there until it is back.";
    "webrtc.grace" Time("5s", "10m", false), Is("60s"), Restart,
        "How long the line of a lost browser is kept: a call goes on when it is back within this time.";

    "desk.messages" Integer(10, 100_000), Is("1000"), Restart,
        "Messages to an agent's desk that are kept until the page has seen them.";
    "desk.away" Time("5s", "10m", false), Is("45s"), Restart,
        "Without its page for this long an agent is made not ready, with the reason `desk-lost`.";
    "desk.keep" Time("10s", "1h", false), Is("2m"), Restart,
        "Without its page for this long a desk is given up: a call at it ends.";
    "desk.sockets_max" Integer(1, 100_000), Is("2000"), Restart, "Desks connected at once.";

    "http.bind" Address, Is("127.0.0.1"), Restart, "The address of the API.";
    "http.port" Integer(0, 65_535), Is("8080"), Restart, "Its port; 0 takes any free one.";
    "http.body_max" Size("1KiB", "1GiB"), Is("64MiB"), Restart,
        "The largest request body: an import of contacts or a plugin.";
    "http.proxies" Networks, Is(""), Restart,
        "Networks of the proxies in front of the API, whose `X-Forwarded-For` says where a request came from.";
    "http.session_idle" Time("1m", "30d", false), Is("12h"), Restart,
        "A browser's session that was not used for this long is over.";
    "http.session_max" Time("5m", "365d", false), Is("7d"), Restart,
        "No session of a browser lasts longer.";
    "http.sessions_each" Integer(1, 1_000), Is("10"), Restart,
        "Sessions of one user; with one more the oldest ends.";
    "http.users_max" Integer(1, 1_000_000), Is("10000"), Restart,
        "Users of one tenant, and of the provider.";
    "http.sign_in_failures" Integer(1, 100), Is("5"), Restart,
        "Failures to sign in by one name from one address before a pause; ten times as many from one address, or by one name from everywhere.";
    "http.sign_in_pause" Time("1s", "1h", false), Is("30s"), Restart,
        "The first pause; each further failure doubles it.";
    "http.sign_in_pause_max" Time("1s", "24h", false), Is("15m"), Restart,
        "The longest pause. Twice as long after the last failure all are forgotten.";
    "http.audit_keep" Time("1d", "3650d", false), Is("365d"), Restart,
        "How long the audit log keeps who changed what; the oldest entries go when new ones come.";
    "http.audit_entries" Integer(1_000, 100_000_000), Is("500000"), Restart,
        "Entries of the audit log of all tenants, each some kilobytes at most; the oldest go first.";
    "http.audit_strangers" Integer(1, 1_000_000), Is("300"), Restart,
        "Entries a minute of the audit log that are made by those who have not proved who they are; further ones are counted alone.";

    "speech.providers" Texts, Is("festival,espeak-ng"), Restart,
        "Programs that speak prompts; the first that knows the language is taken.";
    "speech.cache_bytes" Size("1MiB", "64GiB"), Is("256MiB"), Restart,
        "Spoken prompts kept on disk; the least recently used go first.";
    "speech.cache_path" Path, Absent("`speech` in `store.path`"), Restart, "Where they are kept.";
    "speech.time_limit" Time("100ms", "1m", false), Is("10s"), Restart,
        "How long a program may take for one prompt.";
    "speech.concurrent" Integer(1, 256), Is("2"), Restart, "Programs that run at once.";

    "runtime.worker_threads" Integer(0, 1_024), Is("0"), Restart,
        "Threads that serve calls; 0 is one for each core.";
    "runtime.api_threads" Integer(0, 1_024), Is("0"), Restart,
        "Threads that serve the API, so that what is read or changed there keeps no call waiting; 0 is one for each core.";
    "runtime.replays" Integer(1, 64), Is("1"), Restart,
        "Replays at once, gates included; further ones wait. Each takes a core, and calls come first.";

    "plugins.path" Path, Is("target/plugins"), Restart,
        "Where built plugins (`NAME.wasm`) lie: below the working directory, else next to the program.";
    "plugins.cache" Path, Absent("`compiled` in `store.path`"), Restart,
        "Where compiled plugins are kept, so that a second start compiles nothing.";
    "plugins.compile_memory" Size("64MiB", "64GiB"), Is("2GiB"), Restart,
        "Memory a compilation may take, in a process of its own.";
    "plugins.compile_reuse" Size("0B", "1GiB"), Is("64MiB"), Restart,
        "Compiled functions kept in `plugins.cache` for the next compilation: a change of a plugin in JavaScript or Python compiles little anew. 0B keeps none.";
    "plugins.compile_time" Time("1s", "1h", false), Is("2m"), Restart,
        "How long a compilation may take.";
    "plugins.compile_patience" Time("1s", "1h", false), Is("5s"), Restart,
        "Compilations run where a processor is idle, so that calls are served first. One that has had less than half of this time by then is begun anew with a share of the processors: about a tenth of one on a machine that is busy all the time.";
    "plugins.compile_threads" Integer(1, 1_024), Absent("half of the processors, at least one"), Restart,
        "How many processors a compilation runs on, at most. Whoever routes on the others finds its caches warm.";
    "plugins.instances_max" Integer(1, 1_000_000), Is("6000"), Restart,
        "Flows in progress at once, over all tenants; beyond it a 503. Each takes about ten memory mappings, of which Linux allows a process 65,530 unless `vm.max_map_count` says more.";
    "plugins.memory_max" Size("1MiB", "4GiB"), Is("16MiB"), Restart, "Memory of one instance.";
    "plugins.flow_slice" Time("1ms", "10s", false), Is("50ms"), Restart,
        "How long a flow may compute between two waits.";
    "plugins.router_deadline" Time("1ms", "5s", false), Is("20ms"), Restart,
        "How long a router may take before the built-in rule decides.";
    "plugins.estimator_deadline" Time("1ms", "5s", false), Is("20ms"), Restart,
        "How long an estimator may take; without an answer no wait is told.";
    "plugins.router_candidates" Integer(1, 1_000), Is("64"), Live,
        "How many agents a router is shown, longest idle first.";
    "plugins.trust" Path, Absent("nobody is trusted"), Live,
        "The trust store: publishers, their keys, and what was revoked. It is read anew for every package, at the start and at each reload.";
    "plugins.revoked" Choice(&["tell", "stop"]), Is("tell"), Live,
        "What becomes of a version that serves and was revoked since it was installed, seen at the start and at each reload: `tell` lets it go on and tells it in the log, in metrics and in `jackfield plugin list`; `stop` has it asked no more as well, and what is built in serves.";
    "plugins.package_bytes" Size("64KiB", "1GiB"), Is("64MiB"), Live,
        "The largest package that is accepted, with all its files.";
    "plugins.indexes" Texts, Is(""), Live,
        "Catalogues that `jackfield market` looks into: `registry.example/market/index:latest`.";
    "plugins.plain_http" Texts, Is(""), Live,
        "Registries (`host:port`) that are asked without TLS, besides those on this machine.";
    "plugins.drain" Time("1s", "7d", false), Is("1h"), Live,
        "How long a version of a flow that was replaced goes on with the contacts it leads; then the tenant's fallback takes them over. Who waits in a queue or talks is left in peace until that is over. A conversation that an old version of a chatbot leads goes on with the new one then.";
    "plugins.canary_alpha" Fraction(0.0001, 0.5), Is("0.05"), Live,
        "The probability that a canary is rolled back although the candidate is no worse than it may be, over the whole time and all figures. This and what follows counts for canaries that begin after a change.";
    "plugins.canary_minimum" Integer(1, 1_000_000), Is("20"), Live,
        "Contacts that the candidate must have had before a canary is rolled back by its figures.";
    "plugins.canary_service_level" Fraction(0.0, 1.0), Is("0.02"), Live,
        "By how much a candidate's share of contacts served in target may be lower: 0.02 is two points.";
    "plugins.canary_abandons" Fraction(0.0, 1.0), Is("0.01"), Live,
        "By how much its share of abandoned contacts may be higher.";
    "plugins.canary_failures" Fraction(0.0, 1.0), Is("0.005"), Live,
        "By how much its share of contacts that met a failure of the plugin may be higher.";
    "plugins.migrate_time" Time("10ms", "1m", false), Is("1s"), Restart,
        "How long a version may compute to take over the state that the one before has kept.";
    "plugins.shadow_waiting" Integer(1, 10_000), Is("64"), Live,
        "Questions that may wait for a candidate that is only asked; more are not put to it.";
    "plugins.call_instances_max" Integer(1, 100_000), Is("64"), Restart,
        "Chatbots, channels, connectors, analysts and pacers at work at once; further calls wait.";
    "plugins.call_slice" Time("1ms", "10s", false), Is("250ms"), Restart,
        "How long one of these may compute between two calls of the host.";
    "plugins.call_time" Time("100ms", "5m", false), Is("20s"), Restart,
        "How long one call of these may take, whatever it waits for.";
    "plugins.http.allow_networks" Networks, Is(""), Restart,
        "Networks that plugins may reach although they are not public, such as that of an on-premise CRM. Where clouds hand out credentials stays closed.";
    "plugins.http.time_max" Time("100ms", "5m", false), Is("10s"), Restart,
        "How long a plugin's request to outside may take.";
    "plugins.http.request_max" Size("1KiB", "64MiB"), Is("1MiB"), Restart,
        "The largest body a plugin may send.";
    "plugins.http.response_max" Size("1KiB", "64MiB"), Is("1MiB"), Restart,
        "The largest answer a plugin may get.";
    "plugins.http.at_once_max" Integer(1, 10_000), Is("64"), Restart,
        "Requests of all plugins at once; further ones are refused.";
    "plugins.http.at_once_each_max" Integer(1, 10_000), Is("8"), Restart,
        "Requests of one plugin of one tenant at once; further ones are refused.";

    "log.level" Text, Is("info"), Restart,
        "`error`, `warn`, `info`, `debug` or `trace`, or a filter such as `info,jackfield_telephony=debug`.";
    "log.format" Choice(&["text", "json"]), Is("text"), Restart,
        "Lines for people or for programs.";
}
