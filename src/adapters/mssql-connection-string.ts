import { MSSQL_SCHEMA, parse } from '@tediousjs/connection-string'
import type { ConnectionConfiguration } from 'tedious'
import { ClaimError } from '../errors.ts'

export interface MssqlConnectionSettings {
  readonly config: ConnectionConfiguration
  readonly pool: { readonly min: number; readonly max: number }
}

/** The settings of a connection string, by the names that ADO.NET gives them, in lower case. */
type Settings = ReadonlyMap<string, string>

/** Names of a connection string that mean something here. The others would be lost without a word. */
const KNOWN = [
  'data source',
  'initial catalog',
  'user id',
  'password',
  'encrypt',
  'trustservercertificate',
  'connection timeout',
  'application name',
  'multisubnetfailover',
  'packet size',
  'workstation id',
  'max pool size',
  'min pool size',
] as const

/** Names that a connection string for .NET may have, and that change nothing here. */
const WITHOUT_MEANING = [
  'applicationintent', // a secondary is refused below
  'asynchronous processing',
  'column encryption setting',
  'connection lifetime',
  'connectretrycount',
  'connectretryinterval',
  'enlist',
  'multipleactiveresultsets',
  'persist security info',
  'poolblockingperiod',
  'pooling',
  'transparentnetworkipresolution',
  'type system version',
]

/** Without a cause: a parser's own error may quote the string, with the password in it. */
const refuse = (message: string): ClaimError => new ClaimError('CLAIM_CONFIG', message)

/**
 * Reads a connection string of either kind. The password is never in a message.
 *
 * @throws {ClaimError} `CLAIM_CONFIG`
 */
export function parseMssqlConnection(text: string): MssqlConnectionSettings {
  const settings = /^(?:mssql|sqlserver):/i.test(text) ? fromUrl(text) : fromKeywords(text)
  const known: readonly string[] = [...KNOWN, ...WITHOUT_MEANING]
  const unknown = [...settings.keys()].filter((name) => !known.includes(name))
  if (unknown.length > 0) {
    throw refuse(
      `The connection string has "${unknown.join('", "')}", which is not known. It knows: ${KNOWN.join(', ')}.`,
    )
  }
  if (/readonly/i.test(settings.get('applicationintent') ?? '')) {
    throw refuse(
      'The connection string has ApplicationIntent=ReadOnly. A secondary may lag behind: claims are made on the primary.',
    )
  }
  const { host, port, instance } = serverOf(textIn(settings, 'data source'))
  const option = <Name extends string, Value>(name: Name, value: Value | undefined): { [N in Name]?: Value } =>
    value === undefined ? {} : ({ [name]: value } as { [N in Name]?: Value })
  const seconds = numberIn(settings, 'connection timeout')
  return {
    pool: {
      min: numberIn(settings, 'min pool size') ?? 0,
      max: Math.max(1, numberIn(settings, 'max pool size') ?? 10),
    },
    config: {
      server: host,
      authentication: {
        type: 'default',
        options: {
          ...option('userName', textIn(settings, 'user id')),
          ...option('password', textIn(settings, 'password')),
        },
      },
      options: {
        encrypt: /^strict$/i.test(settings.get('encrypt') ?? '') ? 'strict' : (flagIn(settings, 'encrypt') ?? true),
        trustServerCertificate: flagIn(settings, 'trustservercertificate') ?? false,
        ...(instance === undefined ? { port } : { instanceName: instance }),
        ...option('database', textIn(settings, 'initial catalog')),
        ...option('connectTimeout', seconds === undefined ? undefined : seconds * 1000),
        ...option('appName', textIn(settings, 'application name')),
        ...option('multiSubnetFailover', flagIn(settings, 'multisubnetfailover')),
        ...option('packetSize', numberIn(settings, 'packet size')),
        ...option('workstationId', textIn(settings, 'workstation id')),
      },
    },
  }
}

/** `mssql://user:password@host:1433/shop?encrypt=false`: the settings behind the `?` have the names of ADO.NET, without blanks. */
function fromUrl(text: string): Settings {
  const settings = new Map<string, string>()
  const url = URL.parse(text) // `new URL` would throw an error that has the password in it
  if (url === null)
    throw refuse('The connection URL cannot be read. It looks like mssql://user:password@host:1433/database.')
  try {
    const host = decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, '$1')
    settings.set('data source', host + (url.port === '' ? '' : `,${url.port}`))
    const parts = [
      ['user id', url.username],
      ['password', url.password],
      ['initial catalog', url.pathname.slice(1)],
    ] as const
    for (const [name, part] of parts) if (part !== '') settings.set(name, decodeURIComponent(part))
  } catch {
    throw refuse('The connection URL has a % that is no escape. Write %25 for it.')
  }
  for (const [name, value] of url.searchParams) settings.set(canonical(name), value)
  return settings
}

function fromKeywords(text: string): Settings {
  try {
    return new Map([...parse(text)].map(([name, value]) => [canonical(name), value]))
  } catch {
    throw refuse('The connection string cannot be read. It looks like Server=host,1433;Database=shop;User Id=…')
  }
}

/** The one name of a setting that has several; blanks and underlines are left out in URLs. */
function canonical(name: string): string {
  const squeezed = squeeze(name)
  const found = Object.entries(MSSQL_SCHEMA).find(([known, { aliases }]: [string, { aliases?: readonly string[] }]) =>
    [known, ...(aliases ?? [])].some((alias) => squeeze(alias) === squeezed),
  )
  return found?.[0] ?? name
}

const squeeze = (name: string): string => name.replaceAll(/[\s_]/g, '').toLowerCase()

/** `tcp:host,1433`, `host\INSTANCE`, `(local)`. */
function serverOf(source: string | undefined): {
  readonly host: string
  readonly port: number
  readonly instance?: string
} {
  const [, named = '', portText] = /^(?:tcp:)?\s*([^,]*?)\s*(?:,\s*(\d+))?\s*$/i.exec(source ?? '') ?? []
  const [host = '', instance] = named.split('\\')
  if (host === '') throw refuse('The connection string names no server.')
  const local = ['.', '(local)', '(localdb)'].includes(host.toLowerCase())
  return {
    host: local ? 'localhost' : host,
    port: Number(portText ?? 1433),
    // A port says more than a name, which has to be asked for first.
    ...(instance === undefined || portText !== undefined ? {} : { instance }),
  }
}

const textIn = (settings: Settings, name: (typeof KNOWN)[number]): string | undefined => settings.get(name)

function numberIn(settings: Settings, name: (typeof KNOWN)[number]): number | undefined {
  const text = textIn(settings, name)
  if (text === undefined) return undefined
  const value = Number(text)
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < 0) {
    throw refuse(`The connection string has ${name}=${text}. It is a whole number.`)
  }
  return value
}

function flagIn(settings: Settings, name: (typeof KNOWN)[number]): boolean | undefined {
  const text = textIn(settings, name)?.toLowerCase()
  if (text === undefined) return undefined
  if (['true', 'yes', '1', 'mandatory'].includes(text)) return true
  if (['false', 'no', '0', 'optional'].includes(text)) return false
  throw refuse(`The connection string has ${name}=${text}. It is true or false.`)
}
