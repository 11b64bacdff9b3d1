/** Its promise is looked at later. */
export const later = <T>(promise: Promise<T>): Promise<T> => {
  promise.catch(() => {})
  return promise
}
