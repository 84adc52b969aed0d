/** Whether a process of this machine lives. */
export function isAlive(id: number): boolean {
  try {
    process.kill(id, 0) // sends nothing
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
