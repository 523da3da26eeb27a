import unittest

from jackfield.testing import estimate_ask

from plugin import EstimatorGuest
from wit_world.imports.estimating import WaitEstimate


class Waiting(unittest.TestCase):
    def test_a_handle_time_for_each_agent_and_place_in_line(self):
        ask = estimate_ask(position=4, agents=2, recent_handles_ms=[100000, 140000])
        self.assertEqual(EstimatorGuest().estimate(ask), WaitEstimate(240000, 480000))

    def test_without_handle_times_it_cannot_tell(self):
        self.assertIsNone(EstimatorGuest().estimate(estimate_ask()))
