"""The mock host: what a plugin calls is answered here, and written down.

Importing this module puts the project's `src` and the bindings that `jackfield plugin build` or
`jackfield plugin test` has made on the path, and the mock host in the place of the host::

    from jackfield.testing import ask, candidate, host
    import plugin
"""

import hashlib
import hmac
import importlib
import os
import re
import sys
from dataclasses import replace

_here = os.getcwd()
_bindings = os.path.join(_here, "build", "bindings")
if not os.path.isdir(_bindings):
    raise ImportError("no bindings yet: run `jackfield plugin test .` or `jackfield plugin build .`")
for _path in (_bindings, os.path.join(_here, "src")):
    if _path not in sys.path:
        sys.path.insert(0, _path)

from componentize_py_types import Err  # noqa: E402


def _module(name):
    """A module of the bindings; none if the plugin does not want it."""
    try:
        return importlib.import_module(f"wit_world.imports.{name}")
    except ImportError:
        return None


#: Modules of the contract that are answered here, each word by a method `_MODULE_WORD`.
_MODULES = (
    "log", "metrics", "state", "clock", "read", "write", "history", "segment", "address", "settings",
    "outbound", "secrets", "messaging",
)


class Host:
    """A host that remembers what was asked of it. `reset()` it before each test."""

    def __init__(self):
        self.reset()
        for name in _MODULES:
            module = _module(name)
            prefix = f"_{name}_"
            for word in dir(self):
                if module is not None and word.startswith(prefix):
                    setattr(module, word[len(prefix):], getattr(self, word))

    def reset(self):
        #: Lines the plugin logged: `(level, message)`.
        self.logged = []
        #: Sums of its counters.
        self.counters = {}
        #: Its observations, by distribution.
        self.observed = {}
        #: Its state: bytes by key.
        self.state = {}
        #: Customers the CRM knows, by address.
        self.cards = {}
        #: Notes the plugin took.
        self.notes = []
        #: Numbers and e-mails by the customer's id: `address.Addresses`.
        self.addresses = {}
        #: Earlier contacts of the customer who waits, latest first.
        self.history = []
        #: Engine time, in seconds.
        self.seconds = 0.0
        #: What `utc` answers.
        self.civil = dict(year=2026, month=1, day=5, hour=9, minute=0, weekday=1)
        #: What `random` answers, one after the other, then 0.5.
        self.chances = []
        #: The plugin's settings, by name.
        self.settings = {}
        #: The plugin's secrets, by name.
        self.secrets = {}
        #: Requests the plugin made, as it made them: secrets are not put in.
        self.requests = []
        #: Answers a request: `response(200, "text")`, or raises what went wrong, such as
        #: `Err(HttpError_Timeout())`.
        self.respond = nobody_answers
        #: Messages the plugin sent: `(channel, to, text, attributes)`.
        self.messages = []
        #: Names of the tenant's channels.
        self.channels = ["web"]

    def _log_write(self, level, message):
        self.logged.append((level.name.lower(), message))

    def _metrics_add(self, counter, amount):
        self.counters[counter] = self.counters.get(counter, 0) + amount

    def _metrics_observe(self, distribution, value):
        self.observed.setdefault(distribution, []).append(value)

    def _state_get(self, key):
        return self.state.get(key)

    def _state_set(self, key, value, ttl_seconds):
        self.state[key] = bytes(value)

    def _state_compare_and_set(self, key, expected, value):
        same = self.state.get(key) == expected
        if same:
            self.state[key] = bytes(value)
        return same

    def _clock_now_seconds(self):
        return self.seconds

    def _clock_utc(self):
        return _module("clock").Civil(**self.civil)

    def _clock_random(self):
        return self.chances.pop(0) if self.chances else 0.5

    def _read_find(self, address):
        if address not in self.cards:
            raise Err(_module("read").CrmError_NotFound())
        return self.cards[address]

    def _write_upsert(self, address, name, fields):
        new = _module("read").Card(f"contact-{len(self.cards) + 1}", "", None, None, [])
        old = self.cards.get(address, new)
        # Fields that are not named stay.
        kept = list({**dict(old.fields), **dict(fields)}.items())
        self.cards[address] = replace(old, name=name or old.name, fields=kept)
        return old.id

    def _write_note(self, contact, interaction, text):
        self.notes.append((contact, interaction, text))

    def _history_recent(self):
        return self.history

    def _segment_kind(self, address):
        if address not in self.cards:
            raise Err(_module("read").CrmError_NotFound())
        card = self.cards[address]
        return _module("segment").CustomerKind(card.id, card.segment, card.language)

    def _address_of(self, contact):
        if contact not in self.addresses:
            raise Err(_module("read").CrmError_NotFound())
        return self.addresses[contact]

    def _settings_get(self, name):
        value = self.settings.get(name)
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return None if value is None else text

    def _settings_all(self):
        return [(name, self._settings_get(name)) for name in sorted(self.settings)]

    def _outbound_send(self, request):
        for text in (value for _, value in request.headers):
            for name in re.findall(r"\{\{secret:(.*?)\}\}", text):
                if name not in self.secrets:
                    invalid = _module("outbound").HttpError_Invalid
                    raise Err(invalid(f"there is no secret `{name}`"))
        self.requests.append(request)
        return self.respond(request)

    def _secrets_known(self, name):
        return name in self.secrets

    def _secrets_hmac_sha256(self, name, data):
        return hmac.digest(self._secret(name).encode(), data, hashlib.sha256)

    def _secrets_verify_hmac_sha256(self, name, data, code):
        return hmac.compare_digest(self._secrets_hmac_sha256(name, data), code)

    def _secrets_equals(self, name, candidate):
        return hmac.compare_digest(self._secret(name).encode(), candidate.encode())

    def _secret(self, name):
        if name not in self.secrets:
            raise Err(_module("secrets").SecretError_UnknownName(name))
        return self.secrets[name]

    def _messaging_send(self, channel, to, text, attributes):
        messaging = _module("messaging")
        if channel not in self.channels:
            raise Err(messaging.MessagingError_UnknownChannel(channel))
        self.messages.append((channel, to, text, attributes))
        return messaging.Receipt(f"message-{len(self.messages)}", "accepted")


def nobody_answers(request):
    """What a request comes to in a test that has nobody answer."""
    raise Err(_module("outbound").HttpError_Unreachable("nobody answers in this test"))


def response(status, body="", headers=()):
    """An answer to a request, its body as text."""
    return _module("outbound").Response(status, list(headers), body.encode())


#: The one host of a test process.
host = Host()


def candidate(agent, **given):
    """A candidate with ordinary values but for those given."""
    values = dict(
        agent=agent, level=5, skills=[], idle_ms=0, contacts=0, talk_seconds=0, load=0, ranks=[],
        attributes=[],
    )
    return _module("routing").Candidate(**{**values, **given})


def queue(name="sales", **given):
    """A queue with ordinary values but for those given."""
    values = dict(
        queue=name, waiting=1, longest_wait_ms=0, agents_ready=1, agents_busy=0, counted=0,
        service_level=1.0, target_share=0.8, target_within_ms=20_000, last_offered=None,
        attributes=[],
    )
    return _module("routing").QueueView(**{**values, **given})


def ask(candidates, contact=None, queue_view=None, **given):
    """A router's question; `contact` is a dictionary of what differs from an ordinary one."""
    routing = _module("routing")
    waiting = dict(
        id="0000000000000", channel=_module("types").Channel.VOICE, queue="sales", waited_ms=0,
        priority=0, required=[], preferred=[], step=0, attributes=[],
    )
    values = dict(others=[], now_seconds=0.0, seed=1)
    return routing.Ask(
        contact=routing.Waiting(**{**waiting, **(contact or {})}), candidates=candidates,
        queue=queue_view or queue(), **{**values, **given},
    )


def estimate_ask(**given):
    """An estimator's question."""
    values = dict(
        id="0000000000000", channel=_module("types").Channel.VOICE, queue="sales", position=1,
        waited_ms=0, agents=1, agents_ready=0, recent_waits=[], recent_handles_ms=[],
        abandon_share=0.0, attributes=[], now_seconds=0.0,
    )
    return _module("estimating").EstimateAsk(**{**values, **given})


_ID = "0000000000000"


def turn(text, **given):
    """A chatbot's turn, with what the customer has just written."""
    values = dict(
        id=_ID, channel=_module("types").Channel.CHAT, language="en", lines=[], turns=0, attributes=[],
    )
    return _module("conversation").Turn(text=text, **{**values, **given})


def incoming(body, **given):
    """A request that came in, for a channel or a connector; the body is text."""
    values = dict(method="POST", query="", headers=[])
    return _module("webhook").Incoming(body=body.encode(), **{**values, **given})


def outgoing(text, **given):
    """A message to a customer."""
    values = dict(id=_ID, to="visitor", choices=[], attributes=[])
    return _module("channels").Outgoing(text=text, **{**values, **given})


def event(kind, **given):
    """An event of a connector."""
    values = dict(
        id=_ID, channel=_module("types").Channel.VOICE, at_seconds=1767603600.0, queue=None, agent=None,
        address=None, attributes=[],
    )
    return _module("connecting").Event(kind=kind, **{**values, **given})


def lead(**given):
    """Somebody who may become a customer."""
    values = dict(
        interaction=None, address="+441632960011", name=None, text="Please call me", attributes=[],
    )
    return _module("connecting").Lead(**{**values, **given})


def interaction_log(**given):
    """A contact that is over."""
    values = dict(
        id=_ID, channel=_module("types").Channel.VOICE, customer=None, address=None, queue=None,
        agent=None, started_seconds=1767603600.0, waited_ms=0, talked_ms=0, outcome="completed",
        attributes=[],
    )
    return _module("connecting").InteractionLog(**{**values, **given})


def recording(**given):
    """A recording that is kept by the centre."""
    values = dict(interaction=_ID, entry=None, url="https://centre.example/1.wav", length_ms=1000)
    return _module("connecting").Recording(**{**values, **given})


def transcript(said, questions=(), **given):
    """A conversation that is over: `(speaker, text)` each of a second, the speaker by its name.

    `questions` are `(id, text, answers)`.
    """
    analysis = _module("analysis")
    utterances = [
        analysis.Utterance(analysis.Speaker[speaker.upper()], 1000 * at, 1000 * at + 1000, text)
        for at, (speaker, text) in enumerate(said)
    ]
    values = dict(id=_ID, channel=_module("types").Channel.CHAT, language="en", attributes=[])
    return analysis.Transcript(
        utterances=utterances, questions=[analysis.Question(*one, []) for one in questions],
        **{**values, **given},
    )


def campaign(**given):
    """A pacer's question."""
    values = dict(
        name="autumn", agents_idle=0, agents_talking=0, agents_wrapping=0, dialling=0, waiting=0,
        numbers_left=1000, lines_free=100, attempts=0, answered=0, abandoned=0, abandoned_max=0.03,
        ring_ms=0, talk_ms=0, wrap_ms=0, attributes=[], now_seconds=0.0, seed=1,
    )
    return _module("pacing").Campaign(**{**values, **given})


class Session:
    """One contact in a flow.

    `keys` are what the customer enters, one for each question; `ends` is how the stay in a queue
    ends, a class of `queue-end` such as `QueueEnd_TimedOut`. `lines` is what happened to the
    customer, a line each.
    """

    def __init__(self, keys=(), ends=None, caller="+441632960011", open=True):
        self.keys, self.from_, self.open = list(keys), caller, open
        self.ends = ends or _module("session").QueueEnd_Served
        self.lines, self.attributes, self.tag = [], {}, "en"

    def id(self):
        return "0000000000000"

    def channel(self):
        return _module("types").Channel.VOICE

    def caller(self):
        return self.from_

    def dialled(self):
        return "100"

    def language(self):
        return self.tag

    def set_language(self, tag):
        self.tag = tag

    def attribute(self, name):
        return self.attributes.get(name)

    def set_attribute(self, name, value):
        self.attributes[name] = value

    def answer(self):
        self.lines.append("answer")

    def say(self, text):
        self.lines.append(f"say {text}")

    def play(self, prompts):
        for one in prompts:
            self.lines.append(f"play {one.value}")

    def gather(self, prompts, options):
        self.play(prompts)
        session = _module("session")
        if not self.keys:
            self.lines.append("nothing pressed")
            return session.Gathered_Nothing()
        key = self.keys.pop(0)
        self.lines.append(f"pressed {key}")
        return session.Gathered_Input(key)

    def record(self, max_ms, silence_ms):
        return _module("session").Recorded(1000, "recording")

    def enqueue(self, queue, options):
        self.lines.append(f"enqueue {queue}")
        return self.ends()

    def callback(self, queue, options):
        self.lines.append(f"callback {queue}")

    def is_open(self, queue):
        return self.open

    def transfer(self, destination):
        self.lines.append(f"transfer {destination}")

    def send_digits(self, digits):
        self.lines.append(f"send {digits}")

    def hang_up(self, reason):
        self.lines.append(f"hang up {reason or ''}".strip())
