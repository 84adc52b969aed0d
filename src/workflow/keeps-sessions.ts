import { expressions, toJson } from '../expressions/index.ts'
import type { Definition, StepOptions } from './definition.ts'

/** Whether a step keeps the events that have a session, and no more. A live session is one, whether its events name it or not. */
export const keepsSessions = (step: StepOptions, { session }: Definition): boolean =>
  'keep' in step && JSON.stringify(toJson(step.keep)) === JSON.stringify(toJson(expressions.present(session)))
