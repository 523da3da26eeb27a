"""Keeps another system in step with the centre: tells it what happens, and asks it for customers."""

from dataclasses import asdict
from enum import Enum
from typing import Optional
from urllib.parse import quote

from componentize_py_types import Err
from jackfield.outside import get, post, taken
from wit_world import exports
from wit_world.imports import metrics, settings
from wit_world.imports.connecting import Customer, Event, InteractionLog, Lead, Recording
from wit_world.imports.types import PluginError_Configuration, PluginError_Failed
from wit_world.imports.webhook import Incoming, Reply

#: The host puts the secret in where the request leaves: the plugin never holds it.
BEARER = ("authorization", "Bearer {{secret:token}}")


class ConnectorGuest(exports.ConnectorGuest):
    def handle_event(self, event: Event) -> None:
        tell("event", event)

    def find_contact(self, address: str) -> Optional[Customer]:
        found = get(f"{url()}?address={quote(address, safe='')}", [BEARER])
        return None if found.status == 404 else customer(taken(found))

    def create_lead(self, lead: Lead) -> str:
        return id_of(tell("lead", lead)) or fails("the answer to a lead has no `id`")

    def log_interaction(self, log: InteractionLog) -> Optional[str]:
        return id_of(tell("log", log))

    def attach_recording(self, recording: Recording) -> None:
        tell("recording", recording)

    def receive(self, request: Incoming) -> Reply:
        return Reply(status=204, headers=[], body=b"")

    def run_schedule(self) -> None:
        metrics.add("schedules", 1)


def tell(kind: str, told):
    """Posts one message; returns the JSON it is answered, `None` without any."""
    def plain(items):
        return {key: value.name.lower() if isinstance(value, Enum) else value for key, value in items}

    data = asdict(told, dict_factory=plain)
    return taken(post(url(), {"type": kind, "data": data}, [BEARER]))


def url() -> str:
    return settings.get("url") or fails("`url` is not set", PluginError_Configuration)


def id_of(answer) -> Optional[str]:
    """What the other system calls something; `None` if it does not say."""
    theirs = answer.get("id") if isinstance(answer, dict) else None
    return str(theirs) if theirs else None


def customer(answer) -> Customer:
    answer = answer if isinstance(answer, dict) else {}

    def text(name):
        return answer[name] if isinstance(answer.get(name), str) else None

    fields = answer.get("fields")
    fields = fields.items() if isinstance(fields, dict) else ()
    return Customer(
        id=id_of(answer) or fails("the customer has no `id`"),
        name=text("name") or fails("the customer has no `name`"),
        language=text("language"), segment=text("segment"), url=text("url"),
        fields=[(name, str(value)) for name, value in fields],
    )


def fails(why: str, error=PluginError_Failed):
    raise Err(error(why))
