// Resolves what the host offers to the mock host.
const mock = new URL('./host.mjs', import.meta.url).href;

export async function resolve(specifier, context, next) {
  const name = /^jackfield:(.+)@[\d.]+$/.exec(specifier)?.[1];
  if (!name) return next(specifier, context);
  return { url: `jackfield-mock:${name}`, format: 'module', shortCircuit: true };
}

export async function load(url, context, next) {
  if (!url.startsWith('jackfield-mock:')) return next(url, context);
  const name = url.slice('jackfield-mock:'.length);
  const words = {
    'log/log': ['write'],
    'metrics/metrics': ['add', 'observe'],
    'state/state': ['get', 'set', 'compareAndSet'],
    'clock/clock': ['nowSeconds', 'utc', 'random'],
    'crm/read': ['find'],
    'crm/write': ['upsert', 'note'],
    'crm/history': ['recent'],
    'crm/segment': ['kind'],
    'crm/address': ['of'],
    'settings/settings': ['get', 'all'],
    'http/outbound': ['send'],
    'secrets/secrets': ['known', 'hmacSha256', 'verifyHmacSha256', 'equals'],
    'messaging/messaging': ['send'],
  };
  const lines = (words[name] ?? []).map(
    (word) => `export const ${word} = (...given) => host.call('${name}', '${word}', given);`,
  );
  const source = `import { host } from '${mock}';\n${lines.join('\n')}\n`;
  return { format: 'module', source, shortCircuit: true };
}
