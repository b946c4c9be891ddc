/** A server was told to stop before it served. */
export class StartGivenUp extends Error {
  override readonly name = 'StartGivenUp';
}
