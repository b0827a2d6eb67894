import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { createAddressGuard } from './address-guard.ts'

const none = createAddressGuard([])

test('addresses that are not on the public internet are blocked, at both ends of each range', () => {
  const blocked = [
    '0.0.0.0 0.255.255.255 10.0.0.0 10.255.255.255 100.64.0.0 100.127.255.255 127.0.0.1 127.255.255.255',
    '169.254.169.254 172.16.0.0 172.31.255.255 192.168.0.0 192.168.255.255 192.0.0.1 192.0.2.1 198.18.0.1',
    '198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255',
    ':: ::1 fc00::1 fdff::1 fe80::1 febf::1 fe80::1%eth0 fec0::1 ff02::1 2001:db8::1 2001::1 100::1 3fff::1',
  ]
  for (const address of blocked.join(' ').split(' ')) assert.ok(none.blocks(address), address)
})

test('addresses just outside the ranges pass', () => {
  const open = [
    '1.0.0.0 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 169.253.255.255 169.255.0.0',
    '172.15.255.255 172.32.0.0 192.167.255.255 192.169.0.0 223.255.255.255 8.8.8.8',
    '2606:4700::1111 2a00:1450::1 2001:4860:4860::8888',
  ]
  for (const address of open.join(' ').split(' ')) assert.equal(none.blocks(address), false, address)
})

test('an IPv6 address that carries an IPv4 address is judged by that address', () => {
  for (const prefix of ['::ffff:', '64:ff9b::']) {
    for (const address of ['127.0.0.1', '10.1.2.3', '169.254.169.254', '192.168.1.1', '172.31.0.1', '0.0.0.0']) {
      assert.ok(none.blocks(prefix + address), prefix + address)
    }
    assert.equal(none.blocks(`${prefix}8.8.8.8`), false, `${prefix}8.8.8.8`)
  }
  assert.ok(none.blocks('::ffff:7f00:1'))
  assert.ok(none.blocks('2002:7f00:1::1'), '6to4 of 127.0.0.1')
  assert.ok(none.blocks('2002:c0a8:101::'), '6to4 of 192.168.1.1')
  assert.equal(none.blocks('2002:808:808::1'), false, '6to4 of 8.8.8.8')
  assert.ok(none.blocks('::127.0.0.1'), 'IPv4-compatible')
  assert.ok(none.blocks('64:ff9b:1::808:808'), 'NAT64 of a local network')
})

test('what is not an address is blocked', () => {
  for (const text of ['', 'localhost', '127.1', '0x7f.0.0.1', '1.2.3.4.5', '%eth0']) assert.ok(none.blocks(text), text)
})

test('the allow list opens its ranges and nothing else', () => {
  const guard = createAddressGuard(['127.0.0.0/8', '10.1.2.3', 'fd00::/8'])
  for (const address of ['127.0.0.1', '::ffff:127.0.0.1', '10.1.2.3', 'fd12::1'])
    assert.equal(guard.blocks(address), false)
  for (const address of ['::1', '10.1.2.4', 'fc00::1', '192.168.0.1']) assert.ok(guard.blocks(address), address)
})

test('a faulty entry of the allow list is named', () => {
  for (const entry of ['localhost', '127.0.0.1/33', '::1/129', '10.0.0.0/-1', '10.0.0.0/', '10.0.0.0/8/8', '']) {
    assert.throws(() => createAddressGuard([entry]), { message: new RegExp(`network\\.allow: "${entry}"`) })
  }
})

test('every address of a private range is blocked in every form', () => {
  const privateAddress = fc
    .tuple(fc.constantFrom('10', '127', '0'), fc.nat(255), fc.nat(255), fc.nat(255))
    .map(([a, b, c, d]) => [Number(a), b, c, d] as const)
  fc.assert(
    fc.property(privateAddress, ([a, b, c, d]) => {
      const dotted = `${a}.${b}.${c}.${d}`
      const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
      for (const form of [
        dotted,
        `::ffff:${dotted}`,
        `::ffff:${hex}`,
        `64:ff9b::${hex}`,
        `2002:${hex}::1`,
        `::${hex}`,
      ]) {
        assert.ok(none.blocks(form), form)
      }
    }),
  )
})
