import { Fragment } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { Connection, type Kept } from './connection'
import { type Message, NOTHING, type State, newest, unread } from './state'
import type { Texts } from './texts'

interface Props {
  address: string
  kept: Kept
  language: string
  title: string
  texts: Texts
}

/** The button on the site, and the window it opens. */
export function Chat({ address, kept, language, title, texts }: Props) {
  const [state, setState] = useState<State>(NOTHING)
  const [open, setOpen] = useState(false)
  const [read, setRead] = useState(() => kept.get('read'))
  const connection = useRef<Connection | undefined>(undefined)
  const launcher = useRef<HTMLButtonElement>(null)

  useEffect(() => {
    const made = (connection.current = new Connection(address, kept, language, setState))
    setState(made.state)
    // Who has written before may have been answered; whoever only looks at the site is not connected.
    if (kept.get('visitor')) made.open()
  }, [])
  useEffect(() => {
    const last = newest(state)
    if (!open || !last || last === read) return
    kept.set('read', last)
    setRead(last)
  }, [open, state.messages])

  // On a telephone the button is not there while the window is: it is given the focus once it is.
  const was = useRef(false)
  useLayoutEffect(() => {
    if (was.current && !open) launcher.current?.focus()
    was.current = open
  }, [open])

  const show = (wanted: boolean) => {
    setOpen(wanted)
    if (wanted) connection.current?.open()
  }
  const count = open ? 0 : unread(state, read)
  const label = open ? texts.close : count ? `${texts.open}: ${texts.unread(count)}` : texts.open
  return (
    <div class={open ? 'root open' : 'root'} lang={language} onKeyDown={(event) => event.key === 'Escape' && open && show(false)}>
      {open && connection.current && (
        <Window state={state} connection={connection.current} title={title} texts={texts} language={language} close={() => show(false)} />
      )}
      <button ref={launcher} class="launcher" type="button" aria-expanded={open} aria-label={label} onClick={() => show(!open)}>
        <Icon path={open ? 'M6 9l6 6 6-6' : 'M4 5h16v11H9l-5 4z'} />
        {count > 0 && <span class="badge" aria-hidden="true">{count}</span>}
      </button>
      <span class="hidden" role="status">{count > 0 && texts.unread(count)}</span>
    </div>
  )
}

interface WindowProps {
  state: State
  connection: Connection
  title: string
  texts: Texts
  language: string
  close: () => void
}

function Window({ state, connection, title, texts, language, close }: WindowProps) {
  const box = useRef<HTMLTextAreaElement>(null)
  const log = useRef<HTMLDivElement>(null)
  // At once: what is typed next is meant for it.
  useLayoutEffect(() => box.current?.focus(), [])
  // The newest is in sight.
  useLayoutEffect(() => {
    log.current?.scrollTo(0, log.current.scrollHeight)
  }, [state.messages.length, state.pending.length, state.ended])

  const last = state.messages.at(-1)
  return (
    <section class="panel" role="dialog" aria-label={title}>
      <div class="head">
        <div>
          <h2>{title}</h2>
          <p role="status">{status(state, texts)}</p>
        </div>
        {state.stage !== 'none' && (
          <button class="tool" type="button" aria-label={texts.end} title={texts.end} onClick={() => connection.leave()}>
            <Icon path="M12 4v8M7 6.5a7 7 0 1 0 10 0" />
          </button>
        )}
        <button class="tool" type="button" aria-label={texts.close} title={texts.close} onClick={close}>
          <Icon path="M6 6l12 12M18 6L6 18" />
        </button>
      </div>
      <div ref={log} class="log" role="log" aria-label={texts.messages} tabIndex={0}>
        {!last && !state.pending.length && <p class="note">{texts.first}</p>}
        {state.messages.map((one, place) => (
          <Fragment key={`${one.interaction}/${one.seq}`}>
            <Said message={one} before={state.messages[place - 1]} texts={texts} language={language} />
            {state.messages[place + 1]?.interaction !== one.interaction && <Over why={state.ended[one.interaction]} texts={texts} />}
          </Fragment>
        ))}
        {state.stage === 'agent' && last?.from !== 'agent' && (
          <p class="note">{state.agent ? texts.joined(state.agent) : texts.somebody_joined}</p>
        )}
        {state.pending.map((one) => (
          <div key={one.id} class="said own">
            <p class="words">{one.text}</p>
            {one.refused ? (
              <p class="wrong">
                {texts.refused[one.refused] ?? texts.refused.other}{' '}
                <button type="button" onClick={() => connection.again(one.id)}>{texts.again}</button>
              </p>
            ) : (
              <p class="by">{texts.sending}</p>
            )}
          </div>
        ))}
        {last?.from === 'bot' && state.stage === 'bot' && last.choices.length > 0 && (
          <div class="choices">
            {last.choices.map((choice) => (
              <button key={choice} type="button" onClick={() => (connection.write(choice), box.current?.focus())}>{choice}</button>
            ))}
          </div>
        )}
      </div>
      <p class="typing" role="status">{state.typing && texts.typing(state.agent ?? texts.agent)}</p>
      <Composer box={box} max={state.max} texts={texts} connection={connection} />
    </section>
  )
}

/** What is true now, said honestly. */
function status(state: State, texts: Texts): string {
  if (state.connected === 'never') return texts.connecting
  if (state.connected === 'lost') return texts.lost
  if (state.stage === 'bot') return texts.with_bot
  if (state.stage === 'agent') return state.agent ? texts.with_agent(state.agent) : texts.somebody_joined
  if (state.people === 'closed') return texts.closed
  if (state.people === 'away') return texts.away
  return state.stage === 'waiting' ? texts.waiting : texts.ready
}

function Said({ message, before, texts, language }: { message: Message; before: Message | undefined; texts: Texts; language: string }) {
  const own = message.from === 'customer'
  const who = own ? texts.you : message.from === 'bot' ? texts.bot : (message.agent ?? texts.agent)
  const at = new Date(message.at)
  const day = at.toLocaleDateString(language, { day: 'numeric', month: 'long' })
  const fresh = !before || new Date(before.at).toDateString() !== at.toDateString()
  return (
    <>
      {fresh && <p class="note">{day}</p>}
      <div class={own ? 'said own' : 'said'}>
        <p class="by">{who}, <time dateTime={message.at}>{at.toLocaleTimeString(language, { hour: '2-digit', minute: '2-digit' })}</time></p>
        <p class="words">{linked(message.text)}</p>
      </div>
    </>
  )
}

/** The text with its web addresses as links; everything else is text. */
function linked(text: string) {
  return text.split(/(https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)])/).map((part, place) =>
    place % 2 ? <a key={place} href={part} target="_blank" rel="noopener noreferrer nofollow">{part}</a> : part,
  )
}

function Over({ why, texts }: { why: string | undefined; texts: Texts }) {
  return why === undefined ? null : <p class="note over">{texts.over[why] ?? texts.over.other}</p>
}

interface ComposerProps {
  box: { current: HTMLTextAreaElement | null }
  max: number
  texts: Texts
  connection: Connection
}

function Composer({ box, max, texts, connection }: ComposerProps) {
  const [text, setText] = useState('')
  // As the server counts them: by characters, not by the halves of UTF-16.
  const left = max - [...text.trim()].length
  const send = () => {
    if (!text.trim() || left < 0) return
    connection.write(text.trim())
    setText('')
    box.current?.focus()
  }
  return (
    <>
      {left < 100 && <p class={left < 0 ? 'count wrong' : 'count'} role="status">{texts.left(left)}</p>}
      <form onSubmit={(event) => (event.preventDefault(), send())}>
        <textarea
          ref={box}
          rows={1}
          aria-label={texts.message}
          aria-invalid={left < 0}
          placeholder={texts.message}
          value={text}
          onInput={(event) => {
            setText(event.currentTarget.value)
            if (event.currentTarget.value) connection.typing()
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
            event.preventDefault()
            send()
          }}
        />
        <button class="send" type="submit" aria-label={texts.send} title={texts.send}><Icon path="M4 12h15M13 6l6 6-6 6" /></button>
      </form>
    </>
  )
}

function Icon({ path }: { path: string }) {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
      <path d={path} />
    </svg>
  )
}
