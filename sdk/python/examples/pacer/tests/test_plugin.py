import unittest

from jackfield.testing import campaign, host

from componentize_py_types import Err
from plugin import PacerGuest


def dials(**given):
    return PacerGuest().decide(campaign(**given)).dial


class Pacing(unittest.TestCase):
    def setUp(self):
        host.reset()

    def test_so_many_for_each_idle_agent_rounded_down(self):
        self.assertEqual(dials(agents_idle=5), 7)
        host.settings["per-agent"] = 1
        self.assertEqual(dials(agents_idle=5), 5)
        for wrong in ("many", "0.5", "inf"):
            host.settings["per-agent"] = wrong
            with self.assertRaises(Err):
                dials(agents_idle=5)

    def test_what_is_under_way_counts_and_lines_are_not_dreamt_of(self):
        self.assertEqual(dials(agents_idle=4, dialling=2, waiting=1), 3)
        self.assertEqual(dials(agents_idle=4, dialling=9), 0)
        self.assertEqual(dials(agents_idle=4_000_000_000, lines_free=20), 20)

    def test_over_the_limit_only_idle_agents_are_dialled_for(self):
        over = dict(agents_idle=4, answered=100, abandoned_max=0.03)
        self.assertEqual(dials(**over, abandoned=3), 6)
        self.assertEqual(dials(**over, abandoned=4), 4)
        because = PacerGuest().decide(campaign(**over, abandoned=4)).because
        self.assertEqual(because, [("rule", "abandon-limit"), ("agents", "4")])
