import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { EnsuiteError } from '../errors.ts'
import type { Measured } from '../tune/index.ts'
import { SearchFault } from './search-fault.ts'
import type { TrialAsked, TrialReply, TrialRequest, TrialStart } from './trial-messages.ts'

/** Processes that run trials, one for each job. */
export interface TrialProcesses {
  /**
   * Runs a trial in the process of a job. Rejects with what it says went wrong, and with `RUNTIME_FAILED` where it dies: the next trial of the job starts a new one.
   * What is no failure of this trial rejects with a `SearchFault`: that the data cannot be loaded, above all. Once all are closed it rejects with an error without a code.
   */
  run(job: number, trial: Omit<TrialAsked, 'kind'>): Promise<Measured>
  /** Ends all, whatever they do, and starts none any more. */
  close(): Promise<void>
}

/** Starts a process for a job when it is first asked. `url`: for tests, where the process is. */
export function trialProcesses(
  start: Omit<TrialStart, 'kind'>,
  url: URL = besideThis(import.meta.url),
): TrialProcesses {
  const running = new Map<number, { readonly child: ChildProcess; readonly ready: Promise<TrialReply> }>()
  const started = (job: number) => {
    const found = running.get(job)
    if (found !== undefined) return found
    // No flags of this process, such as those of a test runner.
    const child = fork(fileURLToPath(url), { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    child.once('exit', () => {
      if (running.get(job)?.child === child) running.delete(job)
    })
    const own = { child, ready: ask(child, { kind: 'start', ...start }) }
    running.set(job, own)
    return own
  }
  let closing: Promise<void> | undefined
  const open = (): void => {
    if (closing !== undefined) throw new Error('The search was ended.')
  }
  return {
    run: async (job, trial) => {
      open()
      const { child, ready } = started(job)
      try {
        await ready
      } catch (error) {
        child.kill('SIGKILL')
        open()
        throw error instanceof EnsuiteError ? new SearchFault(error) : error
      }
      open()
      const reply = await ask(child, { kind: 'trial', ...trial }).catch((error: unknown) => {
        // What was killed has not failed.
        open()
        throw error
      })
      if (reply.kind !== 'measured')
        throw new EnsuiteError('RUNTIME_FAILED', `A trial's process answered '${reply.kind}' to a trial.`)
      const { value, about } = reply
      return { value, ...(about && { about }) }
    },
    close: () => (closing ??= end(Array.from(running.values(), ({ child }) => child))),
  }
}

async function end(children: readonly ChildProcess[]): Promise<void> {
  await Promise.all(
    children.map(async (child) => {
      const gone = once(child, 'exit')
      if (child.kill('SIGKILL')) await gone
    }),
  )
}

/** The answer to a request. */
function ask(child: ChildProcess, request: TrialRequest): Promise<TrialReply> {
  return new Promise((resolve, reject) => {
    const died = (code: number | null, signal: string | null): void => {
      reject(
        new EnsuiteError(
          'RUNTIME_FAILED',
          `The process of a trial ended: ${signal === null ? `exit code ${String(code)}` : signal}. Where memory was short, run fewer --jobs, or leave the largest models out of the space.`,
        ),
      )
    }
    child.once('exit', died)
    child.once('message', (reply: TrialReply) => {
      child.off('exit', died)
      if (reply.kind !== 'failed') resolve(reply)
      else if (reply.code === undefined) reject(new Error(reply.message))
      else {
        const error = new EnsuiteError(reply.code, reply.message)
        reject(reply.isOfSearch ? new SearchFault(error) : error)
      }
    })
    if (child.exitCode !== null || child.signalCode !== null) died(child.exitCode, child.signalCode)
    // Where it cannot be sent the process is ending, of which its exit tells.
    else child.send(request, () => undefined)
  })
}

/** The process lies beside this file. Run from the sources, the built one is used: Node 20 cannot start from TypeScript. */
function besideThis(here: string): URL {
  return new URL(here.endsWith('.ts') ? '../../dist/cli/trial-process.js' : './trial-process.js', here)
}
