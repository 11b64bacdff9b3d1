import { readFileSync } from 'node:fs'
import { Hono } from 'hono'

const TYPES = { 'style.css': 'text/css', 'parts.css': 'text/css', 'countdown.js': 'text/javascript' } as const

/** The page's own style and script: nothing comes from elsewhere. */
export function assetRoutes(): Hono {
  const routes = new Hono()
  for (const [name, type] of Object.entries(TYPES)) {
    const body = readFileSync(new URL(name, import.meta.url), 'utf8')
    routes.get(`/lottery/${name}`, (context) => context.body(body, 200, { 'content-type': `${type}; charset=utf-8` }))
  }
  return routes
}
