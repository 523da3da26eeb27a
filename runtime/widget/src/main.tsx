// The chat window for other sites: <script src="https://centre/widget.js" data-tenant="acme" async></script>

import { render } from 'preact'
import { Chat } from './Chat'
import { Kept } from './connection'
import { STYLES } from './styles'
import { TEXTS, language } from './texts'

const NAME = 'jackfield-chat'
const script = document.currentScript as HTMLScriptElement | null

class ChatElement extends HTMLElement {
  connectedCallback() {
    const tenant = this.dataset.tenant
    if (!tenant || this.shadowRoot) return
    const asked = this.dataset.lang ? [this.dataset.lang] : navigator.languages
    const spoken = language(asked)
    // Times are written as where the visitor lives: `en-GB` and not `en`.
    const locale = asked.find((tag) => tag.startsWith(spoken)) ?? spoken
    const address = new URL(`/api/v1/tenants/${encodeURIComponent(tenant)}/webchat`, this.dataset.centre ?? location.href)
    address.protocol = address.protocol === 'http:' ? 'ws:' : 'wss:'
    const root = this.attachShadow({ mode: 'open' })
    // Sites that forbid styles in the page let through a sheet that a script makes.
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(STYLES)
    root.adoptedStyleSheets = [sheet]
    const texts = TEXTS[spoken]
    const title = this.dataset.title || texts.title
    const kept = new Kept(tenant)
    render(<Chat address={address.href} kept={kept} language={locale} title={title} texts={texts} />, root)
  }
}

function show() {
  if (document.querySelector(NAME)) return
  const element = document.createElement(NAME)
  Object.assign(element.dataset, script?.dataset, { centre: new URL(script?.src || location.href).origin })
  document.body.append(element)
}

if (!customElements.get(NAME)) {
  customElements.define(NAME, ChatElement)
  if (!script?.dataset.tenant) console.error('widget.js: its script tag needs data-tenant="…"')
  else if (document.body) show()
  else addEventListener('DOMContentLoaded', show)
}
