import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Subject } from '../contract/subject.ts'
import { mysqlSubject } from '../contract/subjects.ts'
import { createDeliveries, delivered, deliveriesOn, newDeliveries } from '../drain/deliveries.ts'
import { byEffect } from '../drain/drain-cases.ts'
import { lanes } from '../support/lanes.ts'
import { withoutAutocommit } from './support/without-autocommit.ts'

describe.each(lanes)('a worker in sessions without autocommit, on $name', ({ url }) => {
  let subject: Subject
  beforeAll(async () => {
    subject = await mysqlSubject('mysql2/promise', url, { connectionLimit: 2 })
    await createDeliveries(subject)
  })
  afterAll(() => subject.close())

  test('what is due is delivered once, run after run', async () => {
    const { drain } = deliveriesOn(subject, { adapter: withoutAutocommit })
    for (const dues of [[-3, -2], [-1]]) {
      const ids = await newDeliveries(subject, dues)
      expect(await drain(byEffect(subject))).toMatchObject({ outcome: 'drained', done: ids.length })
      expect([...(await delivered(subject))].sort()).toEqual(ids.map((id) => [id, 1]))
    }
  })
})
