import { EnsuiteError } from './errors.ts'

/** A package that only some features need; `what` needs it here. Throws `PACKAGE_MISSING`, saying how to install it, or why it does not load. */
export async function optionalPackage<Package>(name: string, what: string): Promise<Package> {
  try {
    return (await import(name)) as Package
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    const isMissing = code === 'ERR_MODULE_NOT_FOUND' && message.includes(`'${name}'`)
    throw new EnsuiteError(
      'PACKAGE_MISSING',
      isMissing
        ? `${what} needs the package ${name}, which is not installed: npm install ${name}`
        : `${what} needs the package ${name}, which does not load here: ${message.slice(0, 300)}. Install a version of it for this system: npm install ${name}`,
      { cause },
    )
  }
}
