import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

export type Reply = Readonly<Record<string, unknown>>

/** A child process that answers each JSON line with one, and waits without work in between. */
export interface Peer {
  /** Throws with the peer's own words when it answers `{ error }` or ends. */
  ask(command: object): Promise<Reply>
  close(): Promise<void>
}

/** How much of what a process writes on standard error is kept for a message. */
const KEPT_CHARACTERS = 2000

export interface PeerOptions {
  readonly environment?: Readonly<Record<string, string>>
}

/** Starts `command`; one question at a time. */
export function startPeer(
  command: string,
  args: readonly string[],
  { environment = {} }: PeerOptions = {},
): Peer {
  const child = spawn(command, args, { env: { ...process.env, ...environment }, stdio: 'pipe' })
  let waiting:
    { readonly resolve: (line: string) => void; readonly reject: (error: Error) => void } | undefined
  let complaint = ''
  let ended: Error | undefined

  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-KEPT_CHARACTERS)
  })
  createInterface(child.stdout).on('line', (line) => {
    if (!line.startsWith('{')) return
    waiting?.resolve(line)
    waiting = undefined
  })
  const end = (why: string): void => {
    ended ??= new Error(`${command} ${why}. ${complaint.trim()}`.trim())
    waiting?.reject(ended)
    waiting = undefined
  }
  const closed = new Promise<void>((resolve) => {
    child.on('error', (error) => {
      end(`cannot be started: ${error.message}`)
      resolve()
    })
    child.on('close', (code, signal) => {
      end(`ended with ${signal ?? `exit code ${String(code)}`}`)
      resolve()
    })
  })
  child.stdin.on('error', () => undefined) // it has ended: 'close' says so

  return {
    ask: async (question) => {
      const line = await new Promise<string>((resolve, reject) => {
        if (ended !== undefined) {
          reject(ended)
          return
        }
        waiting = { resolve, reject }
        child.stdin.write(`${JSON.stringify(question)}\n`)
      })
      const reply = JSON.parse(line) as Reply
      const error = reply['error']
      if (error !== undefined) throw new Error(typeof error === 'string' ? error : JSON.stringify(error))
      return reply
    },
    close: async () => {
      child.stdin.end()
      await closed
    },
  }
}
