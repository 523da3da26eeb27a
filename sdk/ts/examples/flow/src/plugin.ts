// Leads a customer through a menu of two queues.
import { write } from 'jackfield:log/log@0.1.0';
import type { FlowGuest } from 'jackfield:plugin/flow-guest@0.1.0';
import type { GatherOptions, Prompt, QueueOptions } from 'jackfield:telephony/session@0.1.0';

const WHICH: Prompt[] = [{ tag: 'text', val: 'For sales press 1, for support press 2.' }];
const ONE_DIGIT: GatherOptions = {
  minDigits: 1, maxDigits: 1, terminator: '#', firstDigitTimeoutMs: 5000, nextDigitTimeoutMs: 3000,
  bargeIn: true,
};
const ORDINARY: QueueOptions = {
  required: [], preferred: [], priority: 0, maxWaitMs: null, attributes: [],
};

export const flowGuest: FlowGuest = {
  run(session) {
    session.answer();
    const pressed = session.gather(WHICH, ONE_DIGIT);
    const queue = pressed.tag === 'input' && pressed.val === '2' ? 'support' : 'sales';
    session.setAttribute('chosen', queue);
    const end = session.enqueue(queue, ORDINARY);
    write('info', `the stay in ${queue} ended: ${end.tag}`);
    if (end.tag !== 'served') session.say('Nobody is free. Please call again later.');
    session.hangUp(end.tag);
  },
};
