// Decides who serves a waiting contact: the highest level in the queue first, then the longest idle.
import { write } from 'jackfield:log/log@0.1.0';
import { byKey, offer } from '../../../jackfield/index.js';

/** @type {import('jackfield:plugin/router-guest@0.1.0').RouterGuest} */
export const routerGuest = {
  choose(ask) {
    const order = byKey(ask, (one) => [-one.level]);
    write('debug', `${order.length} agents could take ${ask.contact.id}`);
    return offer(order, { rule: 'highest-level', level: order[0].level });
  },
};
