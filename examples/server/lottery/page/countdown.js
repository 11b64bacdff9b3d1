/** Counts the time down that a card is kept; at its end the details can no longer be sent. */
for (const countdown of document.querySelectorAll('[data-ends-in-ms]')) {
  // By the page's own monotonic clock: the one on the wall may be set meanwhile.
  const endsAt = performance.now() + Number(countdown.dataset.endsInMs)
  const time = countdown.querySelector('.time')
  const show = () => {
    const seconds = Math.max(0, Math.ceil((endsAt - performance.now()) / 1000))
    time.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
    countdown.classList.toggle('short', seconds <= 60)
    if (seconds > 0) return
    clearInterval(timer)
    countdown.querySelector('.what').innerHTML = 'your time is over. <a href="/lottery">Draw again</a>'
  }
  const timer = setInterval(show, 250)
  show()
}
