import { EnsuiteError, errorCodes, type ErrorCode } from '../errors.ts'
import { validationMessage, type ValidationError } from './validation-message.ts'

/** What an answer that is no success can say, besides the codes of `EnsuiteError`: the status and the text. `docs/serve.md` lists them. */
export const problems = {
  REQUEST_INVALID: [400, 'The request is not what this address expects.'],
  UNAUTHORIZED: [401, 'A key is needed: authorization: Bearer <key>.'],
  FORBIDDEN: [403, 'The key does not reach that far.'],
  NOT_FOUND: [404, 'Nothing is at this address.'],
  MODEL_UNKNOWN: [404, 'No model has this name.'],
  ITEM_UNKNOWN: [404, 'The catalogue has no item of this id.'],
  TIMED_OUT: [408, 'The request took too long to arrive.'],
  BUSY: [409, 'Another change of the models is under way.'],
  NOTHING_BEFORE: [409, 'The model has no earlier artifact to go back to.'],
  WEIGHTS_INVALID: [400, 'Weights name models that are there, and one at least is above 0.'],
  NO_CATALOGUE: [409, 'The server keeps no catalogue. Start it with one.'],
  NO_EXPLANATIONS: [409, 'The server explains nothing. Start it with limits.explaining above 0.'],
  BODY_TOO_LARGE: [413, 'The body is larger than this address takes.'],
  MEDIA_TYPE: [415, 'Bodies are application/json.'],
  RATE_LIMITED: [429, 'Too many requests with this key. Try again later.'],
  HEADERS_TOO_LARGE: [431, 'The headers are larger than this server takes.'],
  OVERLOADED: [503, 'More is asked than can be answered in time. Try again later.'],
  UNAVAILABLE: [503, 'The server cannot answer now. Try again later.'],
  NOT_READY: [503, 'The server is starting or shutting down.'],
} as const satisfies Readonly<Record<string, readonly [status: number, message: string]>>

export type ProblemCode = keyof typeof problems

/** An answer that is no success, thrown where it is found. `detail` replaces the text of the table: it must tell nothing of the server. */
export class RequestProblem extends Error {
  readonly code: ProblemCode

  constructor(code: ProblemCode, detail?: string) {
    super(detail ?? problems[code][1])
    this.name = 'RequestProblem'
    this.code = code
  }
}

export interface ProblemAnswer {
  readonly status: number
  readonly code: ProblemCode | ErrorCode
  readonly message: string
}

/** Errors of what a request brought along; their messages tell of it alone. */
const ofTheRequest: readonly ErrorCode[] = [
  'COLUMN_INVALID',
  'COLUMN_MISSING',
  'OPTION_INVALID',
  'OPTION_UNKNOWN',
  'SHAPE_MISMATCH',
]
/** Of an artifact that was to be loaded; their messages tell of folders, and stay in the log. */
const ofAnArtifact: readonly ErrorCode[] = [
  'ARTIFACT_INVALID',
  'ARTIFACT_TOO_NEW',
  'FILE_NOT_FOUND',
  'FILE_UNREADABLE',
  'FUNCTION_MISSING',
  'PATH_ESCAPES',
]

/** So much of a message is sent at most. */
const LONGEST_MESSAGE = 500

/** What an error becomes on the wire. Whatever is not known here is `UNAVAILABLE`: nothing of it is told. */
export function problemOf(error: unknown): ProblemAnswer {
  if (error instanceof RequestProblem)
    return { status: problems[error.code][0], code: error.code, message: cut(error.message) }
  if (error instanceof EnsuiteError) {
    const { code } = error
    if (ofTheRequest.includes(code)) return { status: 400, code, message: cut(error.message) }
    if (ofAnArtifact.includes(code)) return { status: 422, code, message: errorCodes[code] }
    return known(code === 'OVERLOADED' ? 'OVERLOADED' : 'UNAVAILABLE')
  }
  const {
    statusCode,
    code,
    validation,
    validationContext = 'body',
  } = (error ?? {}) as Partial<FrameworkError>
  const said =
    validation === undefined ? bodies[code ?? ''] : cut(validationMessage(validation, validationContext))
  if (said !== undefined) return { ...known('REQUEST_INVALID'), message: said }
  return known(codeOfStatus(statusCode))
}

/** What Fastify's errors hold. */
interface FrameworkError {
  readonly statusCode: number
  readonly code: string
  readonly validation: readonly ValidationError[]
  readonly validationContext: string
}

/** What is said of a body that Fastify cannot read, by its codes. */
const bodies: Readonly<Partial<Record<string, string>>> = {
  FST_ERR_CTP_EMPTY_JSON_BODY: 'A body is needed, and there is none: JSON, such as {}.',
  FST_ERR_CTP_INVALID_JSON_BODY:
    'The body is no JSON. Names are in double quotes, nothing follows the last value, and __proto__ is no name.',
}

export const known = (code: ProblemCode): ProblemAnswer => ({
  status: problems[code][0],
  code,
  message: problems[code][1],
})

function codeOfStatus(status: number | undefined): ProblemCode {
  if (status === 404 || status === 414) return 'NOT_FOUND'
  if (status === 408) return 'TIMED_OUT'
  if (status === 413) return 'BODY_TOO_LARGE'
  if (status === 415) return 'MEDIA_TYPE'
  if (status === 431) return 'HEADERS_TOO_LARGE'
  return status !== undefined && status >= 400 && status < 500 ? 'REQUEST_INVALID' : 'UNAVAILABLE'
}

const cut = (message: string): string =>
  message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)}…` : message
