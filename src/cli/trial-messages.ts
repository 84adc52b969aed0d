import type { ErrorCode } from '../errors.ts'
import type { Measured } from '../tune/index.ts'
import type { ConfigSections } from './config.ts'
import type { InputFlags } from './training-input.ts'

/** What a process that runs trials is told first: what it loads once, for all of them. */
export interface TrialStart {
  readonly kind: 'start'
  readonly paths: readonly string[]
  /** Without a workflow, which the process reads from the file that `config` names. */
  readonly flags: Omit<InputFlags, 'workflow' | 'start'>
  readonly device: string
  readonly threads: number
}

/** A trial to run. */
export interface TrialAsked {
  readonly kind: 'trial'
  readonly config: ConfigSections
  readonly epochs: number
  /** What the trials with the whole budget have, and the config is meant for. */
  readonly wholeEpochs: number
  readonly metric: string
  /** Which values of it the search takes for better. */
  readonly direction: 'higher' | 'lower'
  /** Where its checkpoint is: a trial that was ended goes on from there. */
  readonly checkpoint: string
}

export type TrialRequest = TrialStart | TrialAsked

/** An answer a request. */
export type TrialReply =
  | { readonly kind: 'ready' }
  | ({ readonly kind: 'measured' } & Measured)
  | {
      readonly kind: 'failed'
      readonly code?: ErrorCode
      readonly message: string
      /** Whether it is a fault of the data, the device or the search, and so of every trial. */
      readonly isOfSearch: boolean
    }
