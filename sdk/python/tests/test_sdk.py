"""What the SDK itself promises. Run in a project of a connector that wants everything."""

import json
import unittest

from jackfield.testing import host, response

from componentize_py_types import Err
from jackfield.outside import get, post, taken
from jackfield.safe_json import from_json, to_json
from wit_world.imports import address, messaging, read, secrets, segment, settings, write
from wit_world.imports.types import PluginError_Configuration, PluginError_Unavailable


class Sdk(unittest.TestCase):
    def setUp(self):
        host.reset()

    def fails(self, call, *given):
        with self.assertRaises(Err) as raised:
            call(*given)
        return raised.exception.value

    def test_json_comes_back_as_it_was(self):
        for text in ("", "ж🐘", "x" * 10000, "{{secret:key}}", "{{{secret:key}}}", '"[[\\'):
            self.assertEqual(from_json(to_json({text: [text]})), {text: [text]})
            self.assertNotIn(b"{{secret:", to_json(text))

    def test_what_would_break_the_component_is_refused(self):
        deep = json.loads("[" * 64 + "]" * 64)
        self.assertEqual(from_json(to_json(deep)), deep)
        broken = {
            "nested deeper than 64": [b"[" * 65 + b"]" * 65, b'{"a":' * 20000],
            "": [b'"\xff"', b'"\\ud83d"', b"{"],
        }
        for why, bodies in broken.items():
            for body in bodies:
                with self.assertRaisesRegex(ValueError, why):
                    from_json(body)
        brackets = b'"' + b"[" * 99 + b'\\"' + b"[" * 99 + b'"'
        self.assertEqual(len(from_json(brackets)), 199)

    def test_a_request_that_cannot_be_made_is_a_mistake_of_the_configuration(self):
        url, header = "https://a.example", ("authorization", "Bearer {{secret:key}}")
        self.assertIsInstance(self.fails(get, url), PluginError_Unavailable)
        self.assertIsInstance(self.fails(get, url, [header]), PluginError_Configuration)
        self.assertEqual(len(host.requests), 1, "the one without a known secret left")
        host.secrets["key"] = "s3cret"
        host.respond = lambda request: response(200, f'{{"got": {request.body.decode()}}}')
        self.assertEqual(taken(post(url, [1], [header])), {"got": [1]})

    def test_the_mock_host_knows_settings_and_secrets(self):
        host.settings = {"url": "x", "tries": 0, "on": True}
        self.assertEqual(settings.all(), [("on", "true"), ("tries", "0"), ("url", "x")])
        self.assertIsNone(settings.get("other"))
        host.secrets["key"] = "Jefe"
        self.assertEqual((secrets.known("key"), secrets.known("other")), (True, False))
        # The second case of RFC 4231.
        said = b"what do ya want for nothing?"
        code = secrets.hmac_sha256("key", said)
        self.assertEqual(code.hex()[:16], "5bdcc146bf60754e")
        self.assertTrue(secrets.verify_hmac_sha256("key", said, code))
        self.assertFalse(secrets.verify_hmac_sha256("key", b"nothing", code))
        self.assertTrue(secrets.equals("key", "Jefe"))
        self.assertEqual(self.fails(secrets.equals, "other", "").value, "other")

    def test_the_mock_host_knows_customers_and_channels(self):
        host.cards["+441"] = read.Card("c1", "Eva", "en", "gold", [])
        self.assertEqual(segment.kind("+441"), segment.CustomerKind("c1", "gold", "en"))
        self.assertIsInstance(self.fails(segment.kind, "+442"), read.CrmError_NotFound)
        self.assertEqual(write.upsert("+441", "Eva Berg", [("tier", "2")]), "c1")
        changed = read.Card("c1", "Eva Berg", "en", "gold", [("tier", "2")])
        self.assertEqual(read.find("+441"), changed)
        self.assertEqual(write.upsert("+442", None, []), "contact-2")
        host.addresses["c1"] = address.Addresses(["+441"], [])
        self.assertEqual(address.of("c1").phones, ["+441"])
        sent = messaging.send("web", "eva", "Hello", [])
        self.assertEqual((sent.id, sent.state), ("message-1", "accepted"))
        self.assertEqual(host.messages, [("web", "eva", "Hello", [])])
        self.assertEqual(self.fails(messaging.send, "fax", "eva", "Hello", []).value, "fax")
