// Signs in as a browser does, without one: node visit.mjs ADDRESS PROVIDER NAME [state|browser|twice]; a line of
// JSON says where it ended and as whom. With `state` the state is another one when it comes back, with `browser` it is
// another browser that comes back, with `twice` it comes back a second time.
const [address, provider, name, twist] = process.argv.slice(2)
const jars = new Map()

/** One request, with the cookies of its host. */
async function ask(url, options = {}) {
  const jar = jars.get(new URL(url).host) ?? new Map()
  jars.set(new URL(url).host, jar)
  const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
  const answer = await fetch(url, { redirect: 'manual', ...options, headers: { cookie, ...options.headers } })
  for (const set of answer.headers.getSetCookie()) {
    const [pair] = set.split(';')
    const at = pair.indexOf('=')
    jar.set(pair.slice(0, at), pair.slice(at + 1))
  }
  return answer
}

/** Follows redirections until there is a page, or one of ours is reached. */
async function follow(url) {
  for (let n = 0; n < 20; n++) {
    if (url.startsWith(address) && !url.includes('/api/')) return { url }
    if (twist === 'state' && url.includes('/callback?')) url = url.replace(/state=[^&]*/, 'state=nonsense')
    if (twist === 'browser' && url.includes('/callback?')) jars.clear()
    const answer = await ask(url)
    if (twist === 'twice' && url.includes('/callback?')) {
      const again = await ask(url)
      await ask(`${address}/api/v1/session`, { method: 'DELETE' })
      return { url: new URL(again.headers.get('location'), url).href }
    }
    const location = answer.headers.get('location')
    if (location === null) return { url, text: await answer.text() }
    url = new URL(location, url).href
  }
  throw new Error('it goes in circles')
}

let { url, text } = await follow(`${address}/api/v1/oidc/${provider}/start?to=${encodeURIComponent('/t/acme/users')}`)
const asked = []
while (text !== undefined && asked.length < 5) {
  const prompt = /name="prompt" value="(\w+)"/.exec(text)?.[1]
  const action = /action="([^"]+)"/.exec(text)?.[1]
  if (prompt === undefined) throw new Error(`no form at ${url}: ${text}`)
  asked.push(prompt)
  const body = new URLSearchParams(prompt === 'login' ? { prompt, login: name, password: 'any' } : { prompt })
  const answer = await ask(new URL(action, url), { method: 'POST', body })
  ;({ url, text } = await follow(new URL(answer.headers.get('location'), url).href))
}
const session = await ask(`${address}/api/v1/session`)
const who = session.status === 200 ? await session.json() : null
console.log(JSON.stringify({ at: url.slice(address.length), asked, who: who && [who.name, who.full_name, who.tenant, who.roles] }))
