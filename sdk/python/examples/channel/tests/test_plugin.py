import json
import unittest

from jackfield.testing import host, incoming, outgoing, response

from componentize_py_types import Err
from plugin import ChannelGuest
from wit_world.imports.channels import Event_Message, Message, Receipt
from wit_world.imports.outbound import HttpError_Timeout
from wit_world.imports.types import (
    PluginError_Configuration, PluginError_Failed, PluginError_Unavailable,
)


def receives(body, token="s3cret"):
    received = ChannelGuest().receive(incoming(body, headers=[("x-token", token)]))
    return received.reply.status, json.loads(received.reply.body).get("error"), received.events


class Messages(unittest.TestCase):
    def setUp(self):
        host.reset()
        host.settings["url"] = "https://texts.example/send"
        host.secrets["token"] = "s3cret"

    def fails(self, error, **given):
        with self.assertRaises(Err) as raised:
            ChannelGuest().send(outgoing("Good day", **given))
        self.assertEqual(raised.exception.value, error)

    def test_a_message_is_read(self):
        message = Message(
            id="m1", from_="eva", name=None, text="Hello", language=None, attributes=[],
        )
        got = receives('{"from": "eva", "id": "m1", "text": "Hello"}')
        self.assertEqual(got, (200, None, [Event_Message(message)]))

    def test_what_is_no_message_is_refused_with_the_reason(self):
        accepted = "a text that is not empty is accepted"
        self.assertEqual(receives('{"from": "eva", "id": 1}'), (400, f"`id`: {accepted}", []))
        self.assertEqual(receives("[]"), (400, f"`from`: {accepted}", []))
        for broken in ("{", '"\\ud83d"', "[" * 20000):
            self.assertEqual(receives(broken)[0], 400, broken[:9])
        self.assertEqual(receives("{}", "guessed")[0], 401)
        host.secrets.clear()
        with self.assertRaises(Err) as raised:
            receives("{}")
        self.assertEqual(raised.exception.value, PluginError_Configuration("there is no secret `token`"))

    def test_a_message_is_sent_with_the_token_which_the_plugin_does_not_have(self):
        host.respond = lambda request: response(200, '{"id": "42"}')
        receipt = ChannelGuest().send(outgoing("Good day", to="eva", id="i1"))
        self.assertEqual(receipt, Receipt("42", "accepted"))
        [sent] = host.requests
        self.assertEqual(sent.url, "https://texts.example/send")
        self.assertEqual(sent.body, b'{"to":"eva","id":"i1","text":"Good day"}')
        self.assertIn(("authorization", "Bearer {{secret:token}}"), sent.headers)

    def test_a_customer_gets_no_secret_by_naming_it(self):
        host.respond = lambda request: response(204)
        ChannelGuest().send(outgoing("{{secret:token}}"))
        [sent] = host.requests
        self.assertNotIn(b"{{secret:", sent.body)
        self.assertEqual(json.loads(sent.body)["text"], "{{secret:token}}")

    def test_what_may_go_well_later_is_tried_again(self):
        for status in (408, 429, 500, 503):
            host.respond = lambda request: response(status)
            self.fails(PluginError_Unavailable(f"it answered {status}"))
        host.respond = lambda request: response(403)
        self.fails(PluginError_Failed("it answered 403"))

        def late(request):
            raise Err(HttpError_Timeout())

        host.respond = late
        self.fails(PluginError_Unavailable("no answer: timeout"))
        del host.settings["url"]
        self.fails(PluginError_Configuration("`url` is not set"))
