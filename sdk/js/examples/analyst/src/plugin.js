// Reads a conversation that is over, by words: nothing is guessed that no word shows.

const GOOD = ['thank', 'thanks', 'great', 'good', 'helpful'];
const BAD = ['bad', 'broken', 'angry', 'terrible', 'refund'];
const BILLING = ['invoice', 'bill'];

/** @type {import('jackfield:plugin/analyst-guest@0.1.0').AnalystGuest} */
export const analystGuest = {
  analyse({ utterances, questions }) {
    const answer = greeted(utterances, questions.find((question) => question.id === 'greeted'));
    return {
      sentiment: sentiment(utterances),
      topics: billing(utterances),
      answers: answer ? [answer] : [],
      summary: null,
      attributes: [],
    };
  },
};

const words = (text) => text.toLowerCase().match(/\w+/g) ?? [];

/** The customer's good words less the bad ones, over both; null if there are neither. */
function sentiment(utterances) {
  const said = utterances.filter((one) => one.speaker === 'customer').flatMap((one) => words(one.text));
  const [good, bad] = [GOOD, BAD].map((list) => said.filter((word) => list.includes(word)).length);
  return good + bad === 0 ? null : (good - bad) / (good + bad);
}

/** The share of utterances that are about bills. */
function billing(utterances) {
  const about = utterances.filter((one) => words(one.text).some((word) => BILLING.includes(word)));
  return about.length === 0 ? [] : [{ name: 'billing', score: about.length / utterances.length }];
}

/** Whether the agent began with hello; null if no form asks, or such an answer is none of its. */
function greeted(utterances, question) {
  const first = utterances.findIndex((one) => one.speaker === 'agent');
  const hello = words(utterances[first]?.text ?? '').includes('hello');
  const answer = hello ? 'yes' : 'no';
  if (!question || (0 < question.answers.length && !question.answers.includes(answer))) return null;
  return { question: question.id, answer, confidence: 0.9, evidence: first === -1 ? null : first };
}
