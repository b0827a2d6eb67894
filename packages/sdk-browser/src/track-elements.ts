import type { Elements, TrackElements } from './analytics.ts'
import type { PageElement } from './dom.ts'

const listOf = (elements: Elements): PageElement[] =>
  !elements
    ? []
    : 'length' in elements && !('getAttribute' in elements)
      ? Array.from(elements)
      : [elements as PageElement]

/**
 * Tracks an event of elements (`click`, `submit`). The default of the browser is left alone: nothing has to wait, because
 * the message is written down before the page is left.
 */
export const trackElements =
  (on: 'click' | 'submit', track: (event: string, properties: object, options: object) => unknown): TrackElements =>
  (elements, event, properties, options) => {
    for (const element of listOf(elements)) {
      element.addEventListener(
        on,
        () =>
          void track(
            typeof event === 'function' ? event(element) : event,
            (typeof properties === 'function' ? properties(element) : properties) ?? {},
            options ?? {},
          ),
        // Before listeners of the page that stop the event.
        true,
      )
    }
  }
