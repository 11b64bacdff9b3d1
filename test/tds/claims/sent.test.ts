import { describe, expect, test } from 'vitest'
import type { TdsRequest } from '../../support/tds/requests.ts'
import { until } from '../../support/until.ts'
import { CREDIT, isBegin, isCommit, isRead } from './cases.ts'
import { changeOf, is } from './changes.ts'
import { heldWork } from '../../support/held-work.ts'
import { later } from './later.ts'
import { poolIsWhole } from './hygiene.ts'
import { LEASE_MS, leasesOn } from './lease-cases.ts'
import { credit, next, RECOVERED, resolvingOn } from './resolution-cases.ts'
import { DRIVERS, subjectOf } from './subjects.ts'

/** What a request is, in the order of a claim's own steps. */
function stepOf(request: TdsRequest): string {
  if (isBegin(request)) return 'begin'
  if (request.sql === CREDIT) return 'effect'
  if (request.sql.startsWith('select @@trancount as transactions')) return 'state'
  if (request.kind !== 'rpc') return request.kind
  if (isRead(request)) return request.sql.includes('updlock') ? 'locking read' : 'read'
  return changeOf(request) ?? request.sql
}

/** Whatever a batch brings for itself: how long it waits, that nothing is counted, that an error ends the transaction. */
const HEAD = /^set lock_timeout \d+;\nset nocount on;\nset xact_abort on;\n/
/** How an UPDATE tells what it has changed: in a row of its own. */
const TOLD = /\noutput inserted\.\[status\] into @claimed\nwhere [^]*\nselect [^]* as claim_rows,/

describe.each(DRIVERS)('what is sent, through %s', (driver) => {
  test('to find out what became of a claim: the guarded UPDATE, and a read that waits for locks', async () => {
    const subject = await subjectOf(driver)
    const { server } = subject
    const claims = await resolvingOn(subject)
    server.faults.add({ when: isCommit, do: 'cut after' })
    const from = server.requests.length
    const { effect } = credit(subject)
    expect(await claims.claimOnce(next(subject), { effect })).toMatchObject(RECOVERED)
    const sent = server.requests.slice(from)
    expect(sent.map(stepOf)).toEqual([
      ...['begin', 'claim', 'effect', 'state', 'commit'],
      ...['begin', 'claim', 'read', 'rollback'],
    ])
    const [first, second] = sent.filter(is('claim'))
    expect(second?.sql.replace(/\d+/, '')).toBe(first?.sql.replace(/\d+/, ''))
    expect(second?.parameters).toEqual(first?.parameters)
    const look = sent.find(isRead)
    expect(look?.sql).toMatch(HEAD)
    expect(look?.sql).toContain(`
       case when [claim_token] = cast(@1 collate Latin1_General_CI_AS as char(36))
           and rtrim(cast([claim_token] as nvarchar(36))) collate Latin1_General_BIN2 = @1
           and datalength(rtrim(cast([claim_token] as nvarchar(36)))) = datalength(@1) then 1 else 0 end as claim_own_token,`)
    // Not what was committed before, where READ_COMMITTED_SNAPSHOT is on.
    expect(look?.sql).toContain('\nfrom [dbo].[orders] with (readcommittedlock, rowlock)\n')
    await poolIsWhole(subject)
  })

  test('for a lease: each change brings its own settings, and tells by a row', async () => {
    const subject = await subjectOf(driver)
    const { shop, server } = subject
    const claims = await leasesOn(subject)
    const id = next(subject)
    const from = server.requests.length
    const first = heldWork()
    const late = later(claims.leaseOnce(id, { leaseMs: LEASE_MS, work: first.work }))
    await first.context
    const second = heldWork()
    shop.ahead += LEASE_MS
    const leased = later(claims.leaseOnce(id, { leaseMs: LEASE_MS, work: second.work }))
    await second.context
    first.end(null)
    await late.catch(() => {})
    second.fail(new Error('no'))
    await leased.catch(() => {})
    await claims.leaseOnce(id, { leaseMs: LEASE_MS, work: () => 'done' })
    const sent = server.requests.slice(from)
    expect(sent.map(stepOf)).toEqual([
      ...['begin', 'lease', 'locking read', 'commit'],
      ...['begin', 'lease', 'locking read', 'takeOver', 'locking read', 'commit'],
      ...['complete', 'read'], // of the first, which has lost it
      'giveBack',
      ...['begin', 'lease', 'locking read', 'commit'],
      'complete',
    ])
    for (const request of sent.filter((one) => changeOf(one) !== null)) {
      expect(request).toMatchObject({ kind: 'rpc' })
      expect(request.sql).toMatch(HEAD)
      expect(request.sql).toMatch(TOLD)
      for (const { type } of request.parameters) expect(type).toMatch(/^nvarchar\(\d+\)$/)
    }
    const sqlOf = (change: Parameters<typeof is>[0]): string => sent.find(is(change))?.sql ?? ''
    // By the clock of the server, and by nothing that the process has read from its own.
    expect(sqlOf('lease')).toContain('[lease_until] = dateadd(millisecond, cast(@3 as int), sysutcdatetime()),\n')
    expect(sqlOf('takeOver')).toContain('\n  and [lease_until] <= sysutcdatetime();\n')
    expect(sent.find(is('lease'))?.parameters.find(({ name }) => name === '@3')?.value).toBe(String(LEASE_MS))
    for (const change of ['complete', 'giveBack'] as const) {
      expect(sqlOf(change)).toContain('\n  and [claim_token] = cast(@')
      // Outside of a transaction of ours, it is one of its own.
      expect(sqlOf(change)).toContain('\nbegin try\nbegin transaction;\n')
      expect(sqlOf(change)).toContain('set transaction isolation level read committed;\n')
    }
    await poolIsWhole(subject)
  })

  test('to renew a lease: one batch, guarded by status and token, that moves its end and nothing else', async () => {
    const subject = await subjectOf(driver)
    const { server } = subject
    const claims = await leasesOn(subject)
    const during = heldWork()
    const leased = later(claims.leaseOnce(next(subject), { leaseMs: 600, work: during.work }))
    await until(() => server.requests.some(is('renew')), 'it is renewed')
    during.end(null)
    await leased
    const { sql, parameters } = server.requests.find(is('renew'))!
    expect(sql).toMatch(HEAD)
    expect(sql).toContain(`
begin try
begin transaction;
update [dbo].[orders]
set [lease_until] = dateadd(millisecond, cast(@1 as int), sysutcdatetime())
output inserted.[status] into @claimed
where [order_id] = cast(@2 as int)
  and [status] = cast(@3 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(10)) collate Latin1_General_BIN2 = @3
  and datalength(cast([status] as nvarchar(10))) = datalength(@3)
  and [claim_token] = cast(@4 collate Latin1_General_CI_AS as char(36))
  and rtrim(cast([claim_token] as nvarchar(36))) collate Latin1_General_BIN2 = @4
  and datalength(rtrim(cast([claim_token] as nvarchar(36)))) = datalength(@4);
select @rows = count(*) from @claimed;
commit transaction;
end try
begin catch
if @@trancount > 0 rollback transaction;
throw;
end catch;
`)
    expect(parameters.slice(0, 3).map(({ value }) => value)).toEqual(['600', expect.anything(), 'Working'])
    await poolIsWhole(subject)
  })
})
