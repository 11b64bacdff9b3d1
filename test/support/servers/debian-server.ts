import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { administratorSql } from './accounts.ts'
import { findInstallation } from './debian-installation.ts'
import type { Lane } from './lanes.ts'
import { startPrivateDatabase } from './private-database.ts'
import type { PrivateServer, ServerPlace } from './private-server.ts'
import { assertServerCanEnter, SERVER_ACCOUNT } from './server-account.ts'
import { SERVER_OPTIONS } from './server-options.ts'
import type { Command } from './supervised-job.ts'

const INIT_FILE = 'init.sql'
const TEMPORARY = 'tmp'

/**
 * A server from Debian's packages, in a temporary folder, reached by TCP only. Nothing is installed on the machine.
 *
 * @param options after {@link SERVER_OPTIONS}, and stronger than those
 */
export async function startFromDebian(lane: Lane, options: readonly string[] = []): Promise<PrivateServer> {
  const basedir = await findInstallation(lane)
  await assertServerCanEnter(join(basedir, 'share'), 'CLAIM_ONCE_CACHE')
  await assertServerCanEnter(tmpdir(), 'TMPDIR')
  const commands = lane.product === 'mariadb' ? mariadb : mysql
  return startPrivateDatabase(lane, {
    prepareLimitMs: 60_000,
    firstUser: 'claim',
    job: (place) => ({
      folder: place.folder,
      subfolders: [TEMPORARY],
      // The server reads one statement a line.
      files: {
        [INIT_FILE]: administratorSql(place.password)
          .map((sql) => `${sql};\n`)
          .join(''),
      },
      ...(SERVER_ACCOUNT && { owner: SERVER_ACCOUNT }),
      ...commands(basedir, place, [...SERVER_OPTIONS, ...options]),
    }),
  })
}

interface ServerCommands {
  readonly prepare: readonly Command[]
  readonly server: Command
}

function mariadb(basedir: string, place: ServerPlace, options: readonly string[]): ServerCommands {
  return {
    prepare: [
      asServer(join(basedir, 'bin/mariadb-install-db'), [
        ...folderArguments(basedir, place),
        ...['--auth-root-authentication-method=normal', '--skip-test-db', '--skip-name-resolve'],
        // Do not look up this machine's own name, which in a container often has no address.
        '--force',
        ...options,
      ]),
    ],
    server: asServer(join(basedir, 'sbin/mariadbd'), serverArguments(basedir, place, options)),
  }
}

function mysql(basedir: string, place: ServerPlace, options: readonly string[]): ServerCommands {
  const program = join(basedir, 'sbin/mysqld')
  const messages = `--lc-messages-dir=${join(basedir, 'share/mysql')}`
  return {
    prepare: [
      // A data folder that is thrown away when this fails needs no doublewrite; the server itself runs with it.
      asServer(program, [
        ...folderArguments(basedir, place),
        messages,
        '--initialize-insecure',
        '--innodb-doublewrite=OFF',
        ...options,
      ]),
    ],
    // Debian's build names a folder for secure-file-priv that exists only where the package was installed.
    server: asServer(program, [
      ...serverArguments(basedir, place, options),
      messages,
      '--secure-file-priv=NULL',
      '--mysqlx=OFF',
    ]),
  }
}

function folderArguments(basedir: string, { folder }: ServerPlace): readonly string[] {
  // A tmpdir of its own: a MariaDB that starts removes every #sql… file of its tmpdir, in a shared /tmp also the temporary tables
  // of a server that runs there, whose statements then fail at random (1051 while another lane starts).
  return [
    '--no-defaults',
    `--basedir=${basedir}`,
    `--datadir=${join(folder, 'data')}`,
    `--tmpdir=${join(folder, TEMPORARY)}`,
  ]
}

function serverArguments(basedir: string, place: ServerPlace, options: readonly string[]): readonly string[] {
  return [
    ...folderArguments(basedir, place),
    ...['--bind-address=127.0.0.1', `--port=${place.port}`],
    // Relative to the data folder: a socket's path may not be longer than 107 characters.
    ...['--socket=server.sock', '--pid-file=server.pid'],
    `--init-file=${join(place.folder, INIT_FILE)}`,
    ...options,
  ]
}

function asServer(program: string, args: readonly string[]): Command {
  return { program, args, ...(SERVER_ACCOUNT && { account: SERVER_ACCOUNT }) }
}
