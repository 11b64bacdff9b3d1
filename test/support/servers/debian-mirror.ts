import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A mirror this machine is already configured to use: no host name is written into this repository. */
export interface Mirror {
  readonly distribution: 'debian' | 'ubuntu'
  readonly uri: string
  readonly keyring: string
  /** Ubuntu keeps MariaDB in `universe`. */
  readonly components: string
}

interface Source {
  readonly uris: readonly string[]
  readonly suites: readonly string[]
  readonly components: readonly string[]
  readonly signedBy: string
}

/** The mirrors of the distribution itself, the most likely first; empty on a machine that is neither Debian nor Ubuntu. */
export function findMirrors(etc = '/etc'): readonly Mirror[] {
  const distribution = distributionOf(etc)
  if (distribution === undefined) return []
  const keyring = `/usr/share/keyrings/${distribution}-archive-keyring.gpg`
  if (!existsSync(keyring)) return []
  const uris = readSources(join(etc, 'apt'))
    .filter((source) => isArchive(source, distribution))
    .flatMap((source) => source.uris)
    .filter((uri) => !uri.startsWith('cdrom:'))
  return [...new Set(uris)].map((uri) => ({
    distribution,
    uri,
    keyring,
    components: distribution === 'ubuntu' ? 'main universe' : 'main',
  }))
}

function distributionOf(etc: string): Mirror['distribution'] | undefined {
  const release = readText(join(etc, 'os-release')) ?? readText('/usr/lib/os-release') ?? ''
  const ids = /^ID="?([^"\n]*)/m.exec(release)?.[1] ?? ''
  const like = /^ID_LIKE="?([^"\n]*)/m.exec(release)?.[1] ?? ''
  return [ids, ...like.split(' ')].find((id) => id === 'debian' || id === 'ubuntu')
}

/**
 * Not the sources of other vendors, which may also have a suite named bookworm with a component main: those bring a key of their
 * own. Not bookworm-security or bookworm-updates, which may be another server and do not hold the other suites.
 */
function isArchive({ suites, components, signedBy }: Source, distribution: string): boolean {
  const ownKey =
    signedBy === '' || signedBy.includes(`${distribution}-archive-keyring`) || signedBy.includes('BEGIN PGP')
  return ownKey && components.includes('main') && suites.some((suite) => /^[a-z]+$/.test(suite))
}

function readSources(apt: string): readonly Source[] {
  const parts = join(apt, 'sources.list.d')
  const names = existsSync(parts) ? readdirSync(parts).sort() : []
  // An unreadable file (it may hold a password) is one this user's apt could not use either.
  const read = (name: string) => readText(join(parts, name)) ?? ''
  return [
    ...oneLineSources(readText(join(apt, 'sources.list')) ?? ''),
    ...names.filter((name) => name.endsWith('.list')).flatMap((name) => oneLineSources(read(name))),
    ...names.filter((name) => name.endsWith('.sources')).flatMap((name) => deb822Sources(read(name))),
  ]
}

/** `deb [signed-by=…] uri suite component…`, see sources.list(5). */
export function oneLineSources(text: string): readonly Source[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#]+)/.exec(line)
    if (!match) return []
    const [, options = '', uri = '', suite = '', components = ''] = match
    const signedBy = /signed-by=(\S+)/i.exec(options)?.[1] ?? ''
    return [{ uris: [uri], suites: [suite], components: words(components), signedBy }]
  })
}

/** Stanzas of `Field: value`, continued on lines that begin with a space, see sources.list(5). */
export function deb822Sources(text: string): readonly Source[] {
  const withoutComments = text.replace(/^#.*\n?/gm, '')
  return withoutComments.split(/\n\s*\n/).flatMap((stanza) => {
    const fields = new Map<string, string>()
    for (const [, name = '', value = ''] of stanza.matchAll(/^([\w-]+):((?:.*)(?:\n[ \t].*)*)/gm)) {
      fields.set(name.toLowerCase(), value.trim())
    }
    const field = (name: string) => fields.get(name) ?? ''
    if (!words(field('types')).includes('deb') || /^(no|false|0)$/i.test(field('enabled'))) return []
    return [
      {
        uris: words(field('uris')),
        suites: words(field('suites')),
        components: words(field('components')),
        signedBy: field('signed-by'),
      },
    ]
  })
}

function words(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '')
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
