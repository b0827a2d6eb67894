import type { HttpFailure, HttpResponse } from './http.ts'
import type { Outcome } from './outcome.ts'

export function outcomeOf(_response: HttpResponse | HttpFailure, _now: () => number = Date.now): Outcome {
  return { status: 'retry', code: 'not_yet', message: '' }
}
