/** Text as a SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** A name as a quoted SQL identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** Texts as a SQL list of literals. */
export function literals(texts: readonly string[]): string {
  return `[${texts.map(literal).join(', ')}]`
}

/** A path as a pattern that matches this very path: DuckDB expands `*`, `?` and `[…]` in every path it is given. */
export function filePattern(path: string): string {
  return path.replaceAll(/[[\]*?]/g, (character) => `[${character}]`)
}
