import unittest

from jackfield.testing import ask, candidate, host

from plugin import RouterGuest


class Routing(unittest.TestCase):
    def setUp(self):
        host.reset()

    def test_the_highest_level_comes_first_equals_by_idle_time(self):
        answer = RouterGuest().choose(ask([
            candidate("ann", level=3, idle_ms=9000),
            candidate("bob", level=8, idle_ms=1000),
            candidate("cat", level=8, idle_ms=2000),
        ]))
        self.assertEqual(answer.decision.value, ["cat", "bob", "ann"])
        self.assertEqual(answer.because, [("rule", "highest-level"), ("level", "8")])

    def test_it_says_how_many_there_were(self):
        RouterGuest().choose(ask([candidate("ann")]))
        self.assertEqual(host.logged, [("debug", "1 agents could take 0000000000000")])
