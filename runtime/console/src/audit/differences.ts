/** One value in something that was changed. */
export interface Difference {
  /** Its path, such as `user.name`; empty for the whole. */
  name: string
  /** What it was; undefined if it was not there. */
  before: string | undefined
  /** What it is since; undefined if it is not there. */
  after: string | undefined
  differs: boolean
}

/** Every value of what was before and after, those that differ first, else in order. */
export function differences(before: unknown, after: unknown): Difference[] {
  const [was, is] = [flat(before), flat(after)]
  const names = [...new Set([...was.keys(), ...is.keys()])]
  const both = before !== null && after !== null
  const rows = names.map((name) => {
    const [before, after] = [was.get(name), is.get(name)]
    // Of what has begun or ended everything differs: nothing of it is marked.
    return { name, before, after, differs: both && before !== after }
  })
  return rows.sort((a, b) => Number(b.differs) - Number(a.differs))
}

/** The values in an object by their paths; a list of plain values is one. */
function flat(value: unknown, before = ''): Map<string, string> {
  // What is `null` is as good as not there.
  if (value === null || value === undefined) return new Map()
  if (Array.isArray(value) && value.every((item) => item === null || typeof item !== 'object')) {
    return new Map([[before, value.join(', ')]])
  }
  if (typeof value !== 'object') return new Map([[before, String(value)]])
  const fields = Object.entries(value).map(([name, field]) => flat(field, before === '' ? name : `${before}.${name}`))
  return new Map(fields.flatMap((all) => [...all]))
}

/** What may be done, as the interface names it, in the order in which it is offered. */
export const OPERATIONS = [
  'signIn', 'signInElsewhere', 'signOut', 'changePassword', 'proposeTotp', 'switchTotpOn', 'switchTotpOff',
  'addUser', 'changeUser', 'removeUser', 'resetUser',
  'addProviderUser', 'changeProviderUser', 'removeProviderUser', 'resetProviderUser',
  'setAgentState', 'setAgentSchedule', 'acceptOffer', 'declineOffer', 'endConversation', 'finishAfterCallWork',
  'closeQueue', 'openQueue', 'addCallback', 'cancelCallback',
  'createContact', 'replaceContact', 'deleteContact', 'importContacts', 'addNote',
  'createInteraction', 'endInteraction', 'moveInteraction', 'prioritiseInteraction', 'rateInteraction',
  'setInteractionReason', 'writeMessage', 'addTranscript',
  'putFlowDraft', 'removeFlowDraft', 'putScenario', 'deleteScenario', 'deleteWorkingCopy', 'publishFlow', 'rollBackFlow',
  'installPlugin', 'activatePlugin', 'rollBackPlugin', 'beginCanary', 'beginShadow', 'promotePlugin',
  'disablePlugin', 'enablePlugin', 'publishRouter', 'createLead', 'reloadConfig',
] as const
