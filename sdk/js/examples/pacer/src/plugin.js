// Says how many outbound calls to place: some for each idle agent, while few customers are left without
// one.
import { get } from 'jackfield:settings/settings@0.1.0';
import { failure } from '../../../jackfield/common.js';

/** When to ask again at the latest. */
const AGAIN_MS = 1000;

/** @type {import('jackfield:plugin/pacer-guest@0.1.0').PacerGuest} */
export const pacerGuest = {
  decide(campaign) {
    const { agentsIdle: idle, answered, abandoned, abandonedMax, linesFree } = campaign;
    const perAgent = Number(get('per-agent') ?? 1.5);
    if (!(1 <= perAgent && perAgent <= 5)) {
      throw failure('configuration', '`per-agent` is a number from 1 to 5');
    }
    const tooMany = abandonedMax * answered < abandoned;
    const calls = tooMany ? idle : Math.floor(idle * perAgent);
    // Those that ring already, and who waits for an agent, are among them.
    const more = Math.max(0, calls - campaign.dialling - campaign.waiting);
    return {
      dial: Math.min(more, linesFree),
      againMs: AGAIN_MS,
      because: [['rule', tooMany ? 'abandon-limit' : 'per-agent'], ['agents', String(idle)]],
    };
  },
};
