import unittest

from jackfield.testing import Session, host

from plugin import FlowGuest
from wit_world.imports.session import QueueEnd_TimedOut


class Menu(unittest.TestCase):
    def setUp(self):
        host.reset()

    def test_two_is_support(self):
        session = Session(keys=["2"])
        FlowGuest().run(session)
        self.assertEqual(session.lines, [
            "answer",
            "play For sales press 1, for support press 2.",
            "pressed 2",
            "enqueue support",
            "hang up Served",
        ])
        self.assertEqual(session.attributes, {"chosen": "support"})

    def test_who_is_not_served_hears_so(self):
        session = Session(ends=QueueEnd_TimedOut)
        FlowGuest().run(session)
        self.assertIn("say Nobody is free. Please call again later.", session.lines)
        self.assertEqual(host.logged, [("info", "the stay in sales ended: TimedOut")])
