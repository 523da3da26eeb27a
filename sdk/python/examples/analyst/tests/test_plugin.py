import unittest

from jackfield.testing import transcript

from plugin import AnalystGuest
from wit_world.imports.analysis import FormAnswer, Topic

FORM = [("greeted", "Did the agent greet?", ["yes", "no"])]


def answers(*said):
    return AnalystGuest().analyse(transcript(said, FORM)).answers


class Reading(unittest.TestCase):
    def test_how_the_customer_felt_and_what_it_was_about(self):
        findings = AnalystGuest().analyse(transcript([
            ("customer", "My invoice is bad, all is broken."),
            ("agent", "That is bad. Here is a good one."),
            ("customer", "Thanks"),
            ("bot", "Goodbye"),
        ]))
        self.assertEqual(findings.sentiment, -1 / 3)
        self.assertEqual(findings.topics, [Topic("billing", 0.25)])
        self.assertEqual(findings.answers, [])

    def test_whether_the_agent_greeted_if_that_is_asked(self):
        def greeted(answer, evidence=1):
            return [FormAnswer("greeted", answer, 0.9, evidence)]

        hello = ("customer", "Hello")
        self.assertEqual(answers(hello, ("agent", "Hello, this is Anna")), greeted("yes"))
        self.assertEqual(answers(hello, ("agent", "What?"), ("agent", "Hello")), greeted("no"))
        self.assertEqual(answers(hello), greeted("no", None))

    def test_what_no_word_shows_is_not_told(self):
        findings = AnalystGuest().analyse(transcript([("customer", "Billy")]))
        self.assertEqual((findings.sentiment, findings.topics), (None, []))
