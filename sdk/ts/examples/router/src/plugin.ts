// Decides who serves a waiting contact: the highest level in the queue first, then the longest idle.
import { write } from 'jackfield:log/log@0.1.0';
import type { RouterGuest } from 'jackfield:plugin/router-guest@0.1.0';
import { byKey, offer } from '../../../../js/jackfield/index.js';

export const routerGuest: RouterGuest = {
  choose(ask) {
    const order = byKey(ask, (one) => [-one.level]);
    write('debug', `${order.length} agents could take ${ask.contact.id}`);
    return offer(order, { rule: 'highest-level', level: order[0]?.level });
  },
};
