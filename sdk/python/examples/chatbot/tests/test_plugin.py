import unittest

from jackfield.testing import host, turn

from plugin import ChatbotGuest
from wit_world.imports.conversation import Action_HandOver, Action_Say, Action_SetAttribute


def does(text, misses=""):
    return ChatbotGuest().take_turn(turn(text, attributes=[("misses", misses)])).actions


class Talking(unittest.TestCase):
    def setUp(self):
        host.reset()

    def test_it_greets_and_tells_the_hours(self):
        self.assertEqual(does(""), [Action_Say("Hello! Ask me about our opening hours.")])
        forgets = Action_SetAttribute(("misses", "0"))
        told = does("When are you OPEN?", "1")
        self.assertEqual(told, [Action_Say("We are open from 9 to 18."), forgets])
        host.settings["hours"] = "Day and night."
        self.assertEqual(does("Your hours?"), [Action_Say("Day and night."), forgets])

    def test_a_person_is_fetched_who_asks_for_one_and_who_is_not_understood_twice(self):
        [asked] = does("A person!")
        self.assertIsInstance(asked, Action_HandOver)
        self.assertEqual(asked.value.summary, "The customer asked for a person: A person!")
        self.assertEqual(does("Blue elephants"), [
            Action_Say("I did not understand that. Shall I get a person?"),
            Action_SetAttribute(("misses", "1")),
        ])
        [fetched] = does("Elephants", "1")
        summary = "The bot did not understand the customer twice: Elephants"
        self.assertEqual(fetched.value.summary, summary)

    def test_what_the_agent_reads_first_is_short(self):
        [fetched] = does("🐘" * 9000, "1")
        self.assertLessEqual(len(fetched.value.summary.encode()), 2000)
