import assert from 'node:assert/strict'
import { test } from 'node:test'
import { signature, signingKeys } from './signature.ts'

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

test('signs as the reference libraries of Standard Webhooks do', () => {
  // The vector that the libraries of the specification test against.
  assert.equal(
    signature(signingKeys(secret), 'msg_p5jXN8AQM9LWM0D4loKWxJek', '1614265330', '{"test": 2432232314}'),
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  )
})

test('signs with each of two secrets while they are being changed', () => {
  const other = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
  const one = signature(signingKeys(secret), 'id', '1', 'ü')
  const two = signature(signingKeys(other), 'id', '1', 'ü')
  assert.equal(signature(signingKeys(`${secret} ${other}`), 'id', '1', 'ü'), `${one} ${two}`)
  assert.notEqual(one, two)
})

test('a secret that is not one is refused without being repeated', () => {
  const short = `whsec_${Buffer.alloc(23).toString('base64')}`
  const long = `whsec_${Buffer.alloc(65).toString('base64')}`
  for (const faulty of [
    '',
    'correct horse battery',
    'whsec_',
    'whsec_???',
    secret.slice(6),
    short,
    long,
    `${secret} x`,
  ]) {
    assert.throws(
      () => signingKeys(faulty),
      (error: Error) => error.message.includes('24 to 64') && (faulty.length < 8 || !error.message.includes(faulty)),
      faulty,
    )
  }
})
