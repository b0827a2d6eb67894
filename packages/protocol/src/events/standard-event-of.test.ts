import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { standardEvents } from './dictionary.ts'
import { standardEventOf } from './standard-event-of.ts'

const namesOf = (event: (typeof standardEvents)[number]): string[] => [event.name, ...(event.aliases ?? [])]

test('every name and alias finds its event, in every usual spelling', () => {
  for (const event of standardEvents) {
    for (const name of namesOf(event)) {
      const snake = name.toLowerCase().replaceAll(' ', '_')
      const pascal = name.replaceAll(' ', '')
      const camel = pascal.charAt(0).toLowerCase() + pascal.slice(1)
      for (const spelling of [
        name,
        snake,
        snake.toUpperCase(),
        snake.replaceAll('_', '-'),
        snake.replaceAll('_', '.'),
        pascal,
        camel,
      ]) {
        assert.equal(standardEventOf(spelling)?.name, event.name, spelling)
      }
    }
  }
})

test('old and turned names are their standard event', () => {
  assert.equal(standardEventOf('Viewed Product')?.name, 'Product Viewed')
  assert.equal(standardEventOf('completed_order')?.name, 'Order Completed')
  assert.equal(standardEventOf('User Signed Up')?.name, 'Signed Up')
})

test('other events are none, and stay none when asked again', () => {
  for (const name of [
    'Order',
    'Order Completed!',
    'Orders Completed',
    '',
    ' ',
    'toString',
    '__proto__',
    'x'.repeat(10_000),
  ]) {
    assert.equal(standardEventOf(name), undefined)
    assert.equal(standardEventOf(name), undefined)
  }
})

test('made-up names by the thousand do not change what known ones mean', () => {
  for (let index = 0; index < 12_000; index++) assert.equal(standardEventOf(`Event ${index}`), undefined)
  assert.equal(standardEventOf('Order Completed')?.name, 'Order Completed')
})

test('case and separators never matter', () => {
  const separator = fc.constantFrom(' ', '_', '-', '.', '')
  const letterCase = fc.infiniteStream(fc.boolean())
  fc.assert(
    fc.property(fc.constantFrom(...standardEvents), separator, letterCase, (event, mark, upper) => {
      const spelled = Array.from(event.name.replaceAll(' ', mark), (letter) =>
        upper.next().value === true ? letter.toUpperCase() : letter.toLowerCase(),
      )
      assert.equal(standardEventOf(spelled.join('')), event)
    }),
  )
})
