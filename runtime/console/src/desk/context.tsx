import { createContext, useContext, useEffect, useState, useSyncExternalStore, type ReactNode } from 'react'
import { DeskSocket, type DeskState } from './socket'
import { Voice, type VoiceState } from './voice'

interface Desk {
  socket: DeskSocket
  voice: Voice
}

const Context = createContext<Desk | undefined>(undefined)

interface Props {
  tenant: string
  /** Which agent it is; without one there is no desk. */
  agent: string | null
  children: ReactNode
}

/** The desk is there on every page: a call goes on while its agent looks something up. */
export function DeskProvider({ tenant, agent, children }: Props) {
  const [desk, have] = useState<Desk>()
  useEffect(() => {
    if (agent === null) return
    const socket = new DeskSocket(tenant, agent)
    const voice = new Voice(socket)
    socket.start()
    void voice.startIfAllowed()
    have({ socket, voice })
    return () => {
      voice.stop()
      socket.stop()
      have(undefined)
    }
  }, [tenant, agent])
  return <Context value={desk}>{children}</Context>
}

export const useDesk = () => useContext(Context)

const NOBODY: DeskState = { link: 'connecting', view: undefined, pops: {} }

/** What is on the desk, as it is now. */
export function useDeskState(): DeskState {
  const desk = useDesk()
  return useSyncExternalStore(desk?.socket.watch ?? (() => () => {}), desk?.socket.look ?? (() => NOBODY))
}

export function useVoice(): VoiceState {
  const desk = useDesk()
  return useSyncExternalStore(desk?.voice.watch ?? (() => () => {}), desk?.voice.look ?? (() => 'off' as const))
}
