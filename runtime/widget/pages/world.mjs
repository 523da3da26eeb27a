// What is around the chat window in its test: a network that can be cut, a site, and the agent's desk.
import http from 'node:http'
import net from 'node:net'

/** A network in front of the server at `port`: whatever goes by it can be lost. */
export async function network(port) {
  const pairs = new Set()
  let mode = 'up'
  const server = net.createServer((client) => {
    if (mode === 'down') return client.destroy()
    const far = net.connect(port, '127.0.0.1')
    const pair = { client, far }
    pairs.add(pair)
    const end = () => {
      client.destroy()
      far.destroy()
      pairs.delete(pair)
    }
    client.on('data', (bytes) => far.write(bytes))
    // Deaf: the server hears the page, the page does not hear the server.
    far.on('data', (bytes) => mode !== 'deaf' && client.write(bytes))
    for (const side of [client, far]) side.on('close', end).on('error', end)
  })
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  return {
    address: `http://127.0.0.1:${server.address().port}`,
    set(wanted) {
      mode = wanted
      if (mode === 'down') for (const { client, far } of [...pairs]) [client, far].forEach((side) => side.destroy())
    },
    close: () => server.close(),
  }
}

/** A site of somebody else's: one page with one tag. Its policy lets nothing in but what the window needs. */
export async function site(port, centre, tenant) {
  const at = new URL(centre)
  const policy = `default-src 'none'; script-src ${centre}; connect-src ws://${at.host}; style-src 'self'`
  const page = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
    <title>Fibre for everybody</title><main><h1>Fibre for everybody</h1><p>The fastest network of the town.</p></main>
    <script src="${centre}/widget.js" data-tenant="${tenant}" async></script></html>`
  const server = http.createServer((request, response) => {
    if (request.url !== '/') return response.writeHead(204).end()
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy }).end(page)
  })
  await new Promise((done) => server.listen(port, '127.0.0.1', done))
  return { address: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() }
}

/** The agent's side, by the interface alone. */
export class Desk {
  events = []

  constructor(address, tenant, token) {
    this.base = `${address}/api/v1/tenants/${tenant}`
    this.headers = { authorization: `Bearer ${token}` }
  }

  async ask(method, path, body) {
    const headers = { ...this.headers, ...(body && { 'content-type': 'application/json' }) }
    const answer = await fetch(this.base + path, { method, headers, body: body && JSON.stringify(body) })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return text ? JSON.parse(text) : null
  }

  /** Keeps what the tenant's events say, of these kinds. */
  async watch(kinds) {
    const answer = await fetch(`${this.base}/events`, { headers: this.headers })
    const read = async () => {
      let rest = ''
      for await (const part of answer.body.pipeThrough(new TextDecoderStream())) {
        const blocks = (rest + part).split('\n\n')
        rest = blocks.pop()
        for (const block of blocks) {
          const kind = /^event: (.*)$/m.exec(block)?.[1]
          if (kinds.includes(kind)) this.events.push({ kind, ...JSON.parse(/^data: (.*)$/m.exec(block)[1]).data })
        }
      }
    }
    // It ends with the server.
    read().catch(() => {})
  }

  ready = (agent) => this.ask('PUT', `/agents/${agent}/state`, { state: 'ready' })

  /** Accepts what is offered to the agent; returns its name. */
  async accept(agent) {
    const id = await until('an offer', async () => (await this.ask('GET', `/agents/${agent}`)).offer?.interaction)
    await this.ask('POST', `/agents/${agent}/interactions/${id}/accept`)
    return id
  }

  write = (id, agent, text) => this.ask('POST', `/interactions/${id}/messages`, { agent, text })

  async messages(id) {
    return (await this.ask('GET', `/interactions/${id}/messages`)).items
  }
}

/** Waits until `look` gives something. */
export async function until(what, look, within = 60_000) {
  const end = Date.now() + within
  for (;;) {
    const found = await look()
    if (found) return found
    if (end < Date.now()) throw new Error(`${what}: not within ${within} ms`)
    await new Promise((done) => setTimeout(done, 50))
  }
}
