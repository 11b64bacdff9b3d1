import type { HonoRequest } from 'hono'

/** The parameters of the URL, and behind them those of a form. */
export async function requestParams(request: HonoRequest): Promise<URLSearchParams> {
  const params = new URL(request.url).searchParams
  if (request.header('content-type')?.startsWith('application/x-www-form-urlencoded') === true) {
    for (const [name, value] of new URLSearchParams(await request.text())) params.append(name, value)
  }
  return params
}
