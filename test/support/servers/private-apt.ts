import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Mirror } from './debian-mirror.ts'
import { runCommand, tailOf, type CommandResult } from './run-command.ts'

const UPDATE_LIMIT_MS = 300_000
const DOWNLOAD_LIMIT_MS = 900_000

/**
 * Downloads packages of a suite, with everything they depend on down to libc, through apt with a state of its own: it needs no
 * root, no `apt-get update` before, and leaves the machine's own lists and locks alone. Answers with the paths of the .deb files.
 */
export async function downloadPackages(
  folder: string,
  mirror: Mirror,
  suite: string,
  packages: readonly string[],
): Promise<readonly string[]> {
  const archives = join(folder, 'archives')
  for (const needed of [join(folder, 'lists/partial'), join(archives, 'partial')])
    mkdirSync(needed, { recursive: true })
  const { stdout } = await mustRun(runCommand('dpkg', ['--print-architecture'], { timeoutMs: 10_000 }), 'dpkg')
  const architecture = stdout.trim()

  const source = `deb [arch=${architecture} signed-by=${mirror.keyring}] ${mirror.uri} ${suite} ${mirror.components}\n`
  // A mirror's address may hold a password.
  writeFileSync(join(folder, 'sources.list'), source, { mode: 0o600 })
  // No package is installed as far as this apt knows, so that it fetches the libraries too, those of the suite and not the machine's.
  writeFileSync(join(folder, 'status'), '')
  writeFileSync(join(folder, 'apt.conf'), aptConfiguration(folder, architecture))

  const apt = (limitMs: number, ...args: readonly string[]) =>
    mustRun(
      runCommand('apt-get', ['--config-file', join(folder, 'apt.conf'), '--yes', ...args], { timeoutMs: limitMs }),
      `apt-get ${args[0]}`,
    )
  await apt(UPDATE_LIMIT_MS, 'update')
  await apt(DOWNLOAD_LIMIT_MS, 'install', '--download-only', '--no-install-recommends', ...packages)
  return readdirSync(archives)
    .filter((name) => name.endsWith('.deb'))
    .map((name) => join(archives, name))
}

/** Read after the machine's own configuration, whose proxies and certificates stay in force. */
function aptConfiguration(folder: string, architecture: string): string {
  return `
Dir::Etc::sourcelist "${folder}/sources.list";
Dir::Etc::sourceparts "/dev/null";
// The machine's pins speak of the machine's suites.
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State "${folder}";
Dir::State::lists "lists/";
Dir::State::status "${folder}/status";
Dir::Cache "${folder}";
Dir::Cache::archives "archives/";
Dir::Log "${folder}";
// Root's apt would download as the user _apt, who may not write here.
APT::Sandbox::User "root";
#clear APT::Architectures;
APT::Architectures { "${architecture}"; };
// Without this an update that reached nothing counts as done.
APT::Update::Error-Mode "any";
Acquire::Languages "none";
Acquire::Retries "3";
Acquire::http::Timeout "30";
Acquire::https::Timeout "30";
// What the machine does after its own updates: desktop catalogues, emptying its own cache.
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
`
}

async function mustRun(work: Promise<CommandResult>, what: string): Promise<CommandResult> {
  const result = await work
  if (!result.ok) throw new Error(`${what} failed:\n${tailOf(result.output, 8)}`)
  return result
}
