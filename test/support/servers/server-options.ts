/**
 * The options every private server gets, from Docker or from Debian's packages, so that a lane means the same on every machine.
 * What is not named here has the server's own default, as in a shop's database.
 */
export const SERVER_OPTIONS = [
  // The races open hundreds of connections at once.
  '--max-connections=500',
  // Three servers at once on a small machine; the tests' tables are tiny.
  '--innodb-buffer-pool-size=64M',
  // 2 instead of 1: a commit is handed to the operating system but not fsynced. It survives a SIGKILL of the server (what
  // the crash tests do), and only a crash of the whole machine could lose it. Much faster on slow disks.
  // https://mariadb.com/kb/en/innodb-system-variables/#innodb_flush_log_at_trx_commit
  '--innodb-flush-log-at-trx-commit=2',
  // On by default in MySQL; nothing here replicates, and with it every commit is written twice.
  '--skip-log-bin',
  // Accounts are 'user'@'%' or an address; no name server is asked when a connection opens.
  '--skip-name-resolve',
  // MariaDB 10.11 compiled without a configuration file says latin1, the other lanes say utf8mb4.
  '--character-set-server=utf8mb4',
  // Containers often forbid io_uring, or share one small fs.aio-max-nr among all servers; MySQL refuses to start then.
  '--innodb-use-native-aio=OFF',
] as const
