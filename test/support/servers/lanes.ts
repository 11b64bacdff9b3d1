/** A lane is one database server the tests run on: its name says which server and which version. */
export type LaneName = 'mariadb-10.11' | 'mariadb-11.8' | 'mysql-9' | 'mssql'

/** A server that is started where no URL names one. */
export interface Lane {
  readonly name: LaneName
  /** A URL in this environment variable is used instead of starting a server. */
  readonly variable: string
  /** Without a required lane the tests do not run at all. The others may be missing, and are reported when they are. */
  readonly required: boolean
  readonly product: 'mariadb' | 'mysql'
  /** What a person calls this server. */
  readonly title: string
  /** What `select version()` and `--version` say; anything else is not this lane, whatever the URL or suite promised. */
  readonly version: RegExp
  readonly image: string
  readonly packages: readonly string[]
  /** The suite that offers this version, by distribution. Ubuntu's entry was never tried; its other suites lack the versions. */
  readonly suites: { readonly debian: string; readonly ubuntu?: string }
}

/** A server that the tests never start: only a URL leads to one. */
export interface NamedLane extends Pick<Lane, 'name' | 'variable' | 'required' | 'title' | 'version'> {
  readonly product: 'mssql'
  /** The command that starts such a server and runs the tests on it. */
  readonly command: string
}

export type AnyLane = Lane | NamedLane

const MARIADB_PACKAGES = ['mariadb-server-core', 'mariadb-client-core']

export const LANES = {
  'mariadb-10.11': {
    name: 'mariadb-10.11',
    variable: 'MARIADB_URL',
    required: true,
    product: 'mariadb',
    title: 'MariaDB 10.11',
    version: /\b10\.11\.\d+-MariaDB/,
    image: 'mariadb:10.11',
    packages: MARIADB_PACKAGES,
    suites: { debian: 'bookworm', ubuntu: 'noble' },
  },
  'mariadb-11.8': {
    name: 'mariadb-11.8',
    variable: 'MARIADB_11_URL',
    required: false,
    product: 'mariadb',
    title: 'MariaDB 11.8',
    version: /\b11\.8\.\d+-MariaDB/,
    image: 'mariadb:11.8',
    packages: MARIADB_PACKAGES,
    suites: { debian: 'trixie' },
  },
  'mysql-9': {
    name: 'mysql-9',
    variable: 'MYSQL_URL',
    required: false,
    product: 'mysql',
    title: 'MySQL 9',
    version: /^(?!.*MariaDB).*\b9\.\d+\.\d+/,
    image: 'mysql:9',
    packages: ['mysql-server-core'],
    // sid moves, so this lane may break on any day: it is optional.
    suites: { debian: 'sid' },
  },
  // Its image is large, and its licence is accepted by whoever starts it (compose.yaml): not by running tests.
  mssql: {
    name: 'mssql',
    variable: 'MSSQL_URL',
    required: false,
    product: 'mssql',
    title: 'SQL Server',
    // What `select @@version` says: SQL Server, Azure SQL, or Babelfish, which speaks T-SQL over PostgreSQL.
    version: /^(?:Microsoft|Babelfish)/,
    command:
      "docker compose up -d --wait mssql && MSSQL_URL='mssql://sa:Claim-once-1@127.0.0.1:1433/master?encrypt=false' npm test",
  },
} as const satisfies { readonly [Name in LaneName]: AnyLane & { readonly name: Name } }

export const LANE_NAMES = Object.keys(LANES) as readonly LaneName[]

/** The lane of that name; `source` says in the message where a wrong name came from. */
export function laneNamed(name: string, source: string): AnyLane {
  const found = LANE_NAMES.find((known) => known === name)
  if (found === undefined)
    throw new Error(`${source}: there is no lane "${name}". The lanes are ${LANE_NAMES.join(', ')}.`)
  return LANES[found]
}
