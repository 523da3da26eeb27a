"""Brings plain texts in and out.

Another system posts what customers write to the webhook, and is posted what they are answered.
"""

from componentize_py_types import Err
from jackfield.outside import post, taken
from jackfield.safe_json import from_json, to_json
from wit_world import exports
from wit_world.imports import secrets, settings
from wit_world.imports.channels import (
    Capabilities, Event_Message, Message, Outgoing, Receipt, Received,
)
from wit_world.imports.types import Channel, PluginError_Configuration
from wit_world.imports.webhook import Incoming, Reply

#: Both systems know this secret: it is put into our requests by the host, and shown in theirs.
SECRET = "token"
BEARER = ("authorization", f"Bearer {{{{secret:{SECRET}}}}}")


class ChannelGuest(exports.ChannelGuest):
    def describe(self) -> Capabilities:
        return Capabilities(
            kind=Channel.MESSAGE, text_bytes_max=4000, choices=False, receipts=False, attributes=[],
        )

    def receive(self, request: Incoming) -> Received:
        if not secrets.known(SECRET):
            raise Err(PluginError_Configuration(f"there is no secret `{SECRET}`"))
        if not secrets.equals(SECRET, dict(request.headers).get("x-token", "")):
            return refused(401, "the header `x-token` is wrong")
        try:
            message = read(from_json(request.body))
        except ValueError as error:
            return refused(400, str(error))
        return Received(reply(200, {}), [Event_Message(message)])

    def send(self, message: Outgoing) -> Receipt:
        url = settings.get("url")
        if not url:
            raise Err(PluginError_Configuration("`url` is not set"))
        told = {"to": message.to, "id": message.id, "text": message.text}
        answer = taken(post(url, told, [BEARER]))
        theirs = answer.get("id") if isinstance(answer, dict) else None
        return Receipt(id=str(theirs or message.id or "unnamed"), state="accepted")


def read(given) -> Message:
    """A message of `{"from", "id", "text"}`."""
    given = given if isinstance(given, dict) else {}
    for name in ("from", "id", "text"):
        if not isinstance(given.get(name), str) or not given[name]:
            raise ValueError(f"`{name}`: a text that is not empty is accepted")
    return Message(
        id=given["id"], from_=given["from"], name=None, text=given["text"], language=None,
        attributes=[],
    )


def refused(status: int, error: str) -> Received:
    return Received(reply(status, {"error": error}), [])


def reply(status: int, value: dict) -> Reply:
    return Reply(status, [("content-type", "application/json")], to_json(value))
