import { EnsuiteError } from '../errors.ts'

/** What a message of the API says, and what the command line says in its place; one after the other. */
export type Wordings = readonly (readonly [said: RegExp | string, instead: string])[]

/** Runs what throws messages that name options of the API, and tells them as the flags that gave these. */
export async function toldAsFlags<Result>(
  wordings: Wordings,
  body: () => Result | Promise<Result>,
): Promise<Result> {
  try {
    return await body()
  } catch (cause) {
    if (!(cause instanceof EnsuiteError)) throw cause
    const message = wordings.reduce((text, [said, instead]) => text.replace(said, instead), cause.message)
    if (message === cause.message) throw cause
    throw new EnsuiteError(cause.code, message, { cause })
  }
}
