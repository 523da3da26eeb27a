import json
import unittest

from jackfield.testing import event, host, incoming, interaction_log, lead, recording, response

from componentize_py_types import Err
from plugin import ConnectorGuest
from wit_world.imports.connecting import Customer
from wit_world.imports.types import PluginError_Failed, PluginError_Unavailable


class Telling(unittest.TestCase):
    def setUp(self):
        host.reset()
        host.settings["url"] = "https://crm.example/api"
        host.secrets["token"] = "s3cret"

    def fails(self, call):
        with self.assertRaises(Err) as raised:
            call()
        return raised.exception.value

    def test_what_happens_is_told_with_the_token(self):
        host.respond = lambda request: response(200, '{"id": 7}')
        guest = ConnectorGuest()
        guest.handle_event(event("arrived", address="+441632960011"))
        self.assertEqual(guest.create_lead(lead(name="Eva")), "7")
        self.assertEqual(guest.log_interaction(interaction_log(waited_ms=4100)), "7")
        guest.attach_recording(recording(entry="7"))
        told = [json.loads(request.body) for request in host.requests]
        self.assertEqual([one["type"] for one in told], ["event", "lead", "log", "recording"])
        arrived, wanted, logged, kept = (one["data"] for one in told)
        self.assertEqual((arrived["kind"], arrived["address"]), ("arrived", "+441632960011"))
        self.assertEqual((arrived["channel"], wanted["name"]), ("voice", "Eva"))
        self.assertEqual((logged["waited_ms"], kept["entry"]), (4100, "7"))
        for request in host.requests:
            self.assertIn(("authorization", "Bearer {{secret:token}}"), request.headers)

    def test_a_customer_is_found_or_is_not(self):
        eva = '{"id": 7, "name": "Eva", "fields": {"tier": 2}}'
        host.respond = lambda request: response(200, eva)
        self.assertEqual(ConnectorGuest().find_contact("+44 1"), Customer(
            id="7", name="Eva", language=None, segment=None, url=None, fields=[("tier", "2")],
        ))
        self.assertEqual(host.requests[0].url, "https://crm.example/api?address=%2B44%201")
        host.respond = lambda request: response(404)
        self.assertIsNone(ConnectorGuest().find_contact("+441"))
        host.respond = lambda request: response(200, '{"name": "Eva"}')
        why = self.fails(lambda: ConnectorGuest().find_contact("+441"))
        self.assertEqual(why, PluginError_Failed("the customer has no `id`"))

    def test_what_was_not_taken_is_an_error(self):
        def tells():
            ConnectorGuest().handle_event(event("ended"))

        self.assertIsInstance(self.fails(tells), PluginError_Unavailable)
        host.respond = lambda request: response(400)
        self.assertEqual(self.fails(tells), PluginError_Failed("it answered 400"))
        host.respond = lambda request: response(200, "thanks")
        self.assertIn("its answer is no JSON", self.fails(tells).value)

    def test_webhooks_are_answered_and_schedules_counted(self):
        self.assertEqual(ConnectorGuest().receive(incoming("{}")).status, 204)
        ConnectorGuest().run_schedule()
        self.assertEqual(host.counters, {"schedules": 1})
