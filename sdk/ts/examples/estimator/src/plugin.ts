// Says how long a waiting contact will wait: everybody ahead, and the contact, need an agent to become
// free, and one does so every mean handle time / agents.
import type { EstimatorGuest } from 'jackfield:plugin/estimator-guest@0.1.0';

export const estimatorGuest: EstimatorGuest = {
  estimate(ask) {
    const handles = ask.recentHandlesMs;
    if (handles.length === 0 || ask.agents === 0) return null;
    const mean = handles.reduce((sum, one) => sum + one, 0) / handles.length;
    const ahead = Math.max(0, ask.position - ask.agentsReady);
    const wait = Math.round((ahead * mean) / ask.agents);
    return { p50Ms: wait, p90Ms: 2 * wait };
  },
};
