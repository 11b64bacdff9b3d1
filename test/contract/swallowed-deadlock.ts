import assert from 'node:assert/strict'
import type { RawOptions } from '../../src/options.ts'
import type { Case } from './cases.ts'
import { claimsOn } from './subject.ts'
import type { Subject } from './subject.ts'

interface Deadlock {
  readonly family: Subject['family']
  /** Makes the effect's transaction the one that loses, and swallows the error. */
  readonly lose: (subject: Subject, tx: unknown) => Promise<unknown>
  readonly options: RawOptions
}

/** On every server: a transaction that is gone takes the rest of its effect with it. */
export const swallowedDeadlock = ({ family, lose, options }: Deadlock): Case => ({
  name: 'nothing of an effect survives a deadlock that it swallowed',
  family,
  async run(subject, strategy, mutation) {
    const { claimOnce } = claimsOn(subject, { strategy, mutation })
    const id = await subject.shop.newOrder()
    await subject.query('update accounts set balance = 0')
    let attempts = 0
    const result = await claimOnce(id, {
      ...options,
      async effect(tx) {
        attempts += 1
        if (attempts === 1) await lose(subject, tx)
        // Where the transaction is gone this would be committed by itself.
        await subject.through(tx, 'update accounts set balance = balance + 42 where id = 1')
      },
    })
    assert.equal(result.outcome, 'claimed')
    assert.equal(attempts, 2)
    assert.equal(await subject.shop.balanceOf(1), 42)
  },
})
