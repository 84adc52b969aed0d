import type { EnsuiteError } from '../errors.ts'

/** What came up in a trial and is no failure of it, but of the data, the device or the search: `tune` ends for it, and its `cause` is what is told. */
export class SearchFault extends Error {
  override readonly name = 'SearchFault'
  override readonly cause: EnsuiteError

  constructor(cause: EnsuiteError) {
    super(cause.message)
    this.cause = cause
  }
}
