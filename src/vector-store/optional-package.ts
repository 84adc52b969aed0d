import { EnsuiteError } from '../errors.ts'

/** A package that only some stores need. Throws `PACKAGE_MISSING`, saying how to install it. */
export async function optionalPackage<Package>(name: string): Promise<Package> {
  try {
    return (await import(name)) as Package
  } catch (cause) {
    throw new EnsuiteError(
      'PACKAGE_MISSING',
      `This vector store needs the package ${name}, which is not installed: npm install ${name}`,
      { cause },
    )
  }
}
