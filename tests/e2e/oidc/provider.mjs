// A provider of identity on this machine: node provider.mjs PORT CALLBACKS...; whoever types a name is let in.
import Provider from 'oidc-provider'

const [port, ...callbacks] = process.argv.slice(2)
const issuer = `http://127.0.0.1:${port}`
const client = (client_id, more) => ({ client_id, redirect_uris: callbacks, ...more })
const provider = new Provider(issuer, {
  clients: [
    client('jackfield', { client_secret: 'a secret: with/signs' }),
    client('crossed', { client_secret: 'another secret' }),
  ],
  claims: { email: ['email', 'email_verified'], profile: ['name'] },
  features: { devInteractions: { enabled: true } },
  cookies: { keys: ['for the tests alone'] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: `${id}@acme.example`, email_verified: id !== 'eve', name: `The ${id}` }),
  }),
})

// The client `crossed` gets the token that was meant for `jackfield`.
let last
provider.use(async (context, next) => {
  await next()
  if (context.path !== '/token' || !context.body?.id_token) return
  if (context.oidc.client.clientId === 'crossed') context.body.id_token = last
  else last = context.body.id_token
})
provider.listen(Number(port), '127.0.0.1', () => console.log('ready'))
