import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The web site of the application, at another origin than the server: every call of its pages is a cross-origin one. */
export interface Site extends AsyncDisposable {
  readonly url: string
  /** Puts a document at a path, below which every path answers with it as well; gives its address. */
  add: (path: string, type: 'html' | 'js', body: string) => string
}

const types = { html: 'text/html; charset=utf-8', js: 'text/javascript; charset=utf-8' }

export const startSite = async (): Promise<Site> => {
  const documents = new Map<string, { type: keyof typeof types; body: string }>()
  const find = (path: string) => documents.get(path) ?? documents.get(`/${path.split('/')[1] ?? ''}`)
  const server = createServer(({ url = '/' }, response) => {
    const document = find(new URL(url, 'http://site').pathname)
    if (document === undefined) response.writeHead(404).end()
    else response.writeHead(200, { 'content-type': types[document.type] }).end(document.body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // By name: on a bare address the clients can set no cookies.
  const url = `http://localhost:${(server.address() as AddressInfo).port}`
  return {
    url,
    add: (path, type, body) => {
      documents.set(path, { type, body })
      return `${url}${path}`
    },
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** A page of the shop: a title, and the scripts that it loads. */
export const pageWith = (head: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><link rel="icon" href="data:,"><title>Shop</title>${head}</head><body><h1>Shop</h1></body></html>`
