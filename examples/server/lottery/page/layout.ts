import { html } from 'hono/html'

/** What `html` makes: everything that was put into it is escaped, unless it is such a piece itself. */
export type Html = ReturnType<typeof html>

export const layout = (content: Html): Html =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>Spring lottery</title>
        <link rel="stylesheet" href="/lottery/style.css" />
        <link rel="stylesheet" href="/lottery/parts.css" />
        <script type="module" src="/lottery/countdown.js"></script>
      </head>
      <body>
        ${content}
      </body>
    </html>`
