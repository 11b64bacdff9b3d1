/** Tells a hook of the user's, which is not waited for: what it throws, or rejects with, must not decide anything. */
export function tellHook<Event>(hook: (event: Event) => unknown, event: Event): void {
  try {
    const told = hook(event)
    if (told instanceof Promise) told.catch(() => {})
  } catch {
    // A log must not decide a payment.
  }
}
