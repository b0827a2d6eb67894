import type { Json } from '@millrace/protocol'
import type { Evaluate, Site } from '../site.ts'
import { arrayPath } from './array-path.ts'
import { caseDirective } from './case.ts'
import { excludeWhenNull } from './exclude-when-null.ts'
import { flatten } from './flatten.ts'
import { ifDirective } from './if.ts'
import { json } from './json.ts'
import { liquid } from './liquid.ts'
import { literal } from './literal.ts'
import { merge } from './merge.ts'
import { path } from './path.ts'
import { replace } from './replace.ts'
import { template } from './template.ts'
import { transform } from './transform.ts'

/** Compiles the options of one directive. The site is that of the options; problems are noted there, not thrown. */
export type Directive = (options: Json, site: Site) => Evaluate

/** Every directive by its name. A new one is a file in this folder and a line here. */
export const directives: ReadonlyMap<string, Directive> = new Map<string, Directive>([
  ['@path', path],
  ['@template', template],
  ['@literal', literal],
  ['@if', ifDirective],
  ['@case', caseDirective],
  ['@replace', replace],
  ['@arrayPath', arrayPath],
  ['@json', json],
  ['@flatten', flatten],
  ['@merge', merge],
  ['@transform', transform],
  ['@excludeWhenNull', excludeWhenNull],
  ['@liquid', liquid],
])
