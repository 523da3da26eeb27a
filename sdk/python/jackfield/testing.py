"""The mock host: what a plugin calls is answered here, and written down.

Importing this module puts the project's `src` and the bindings that `jackfield plugin build` or
`jackfield plugin test` has made on the path, and the mock host in the place of the host::

    from jackfield.testing import ask, candidate, host
    import plugin
"""

import importlib
import os
import sys

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


class Host:
    """A host that remembers what was asked of it. `reset()` it before each test."""

    def __init__(self):
        self.reset()
        for name in ("log", "metrics", "state", "clock", "read", "write", "history"):
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
        #: Earlier contacts of the customer who waits, latest first.
        self.history = []
        #: Engine time, in seconds.
        self.seconds = 0.0
        #: What `random` answers, one after the other, then 0.5.
        self.chances = []

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

    def _clock_random(self):
        return self.chances.pop(0) if self.chances else 0.5

    def _read_find(self, address):
        if address not in self.cards:
            raise Err(_module("read").CrmError_NotFound())
        return self.cards[address]

    def _write_note(self, contact, interaction, text):
        self.notes.append((contact, interaction, text))

    def _history_recent(self):
        return self.history


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
