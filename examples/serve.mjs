// Serves the browser pages of the examples: node examples/serve.mjs
// MILLRACE_URL and MILLRACE_WRITE_KEY take the place of what is written in the pages.
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'

const useCases = [
  'log-in-and-log-out',
  'added-to-cart',
  'media-start-and-end',
  'course-module-progress',
  'anonymous-then-identified',
]
const html = 'text/html; charset=utf-8'
/** All that is served: no path of a request reaches the file system. */
const files = new Map([
  ['/analytics-snippet.js', 'text/javascript; charset=utf-8'],
  ['/media-start-and-end/episode.wav', 'audio/wav'],
  ...useCases.map((useCase) => [`/${useCase}/browser.html`, html]),
])
const fileOf = (path) => fileURLToPath(new URL(`.${path}`, import.meta.url))

/**
 * @param {{ port?: number, millraceUrl?: string, writeKey?: string }} [options] port 0 takes a free one
 * @returns {Promise<{ url: string, close: () => void }>}
 */
export async function startPages({ port = 8421, millraceUrl, writeKey } = {}) {
  const answer = async (path, response) => {
    const type = files.get(path)
    if (type === undefined) {
      response.writeHead(404).end(`There is no ${path}. There are: ${[...files.keys()].join(', ')}\n`)
    } else if (type === html) {
      const page = await readFile(fileOf(path), 'utf8')
      response.writeHead(200, { 'content-type': type }).end(configure(page, { millraceUrl, writeKey }))
    } else {
      response.writeHead(200, { 'content-type': type })
      createReadStream(fileOf(path)).pipe(response)
    }
  }
  const server = createServer(({ url }, response) => {
    answer(new URL(url, 'http://localhost').pathname, response).catch((error) => response.destroy(error))
  })
  await new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    // By name: on a bare address browsers keep no cookies, and the client needs them.
    url: `http://localhost:${server.address().port}`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

function configure(page, { millraceUrl, writeKey }) {
  return page
    .replace(/(data-url=)"[^"]*"/, (whole, name) => (millraceUrl ? `${name}"${millraceUrl}"` : whole))
    .replace(/(data-write-key=)"[^"]*"/, (whole, name) => (writeKey ? `${name}"${writeKey}"` : whole))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { MILLRACE_URL: millraceUrl, MILLRACE_WRITE_KEY: writeKey } = process.env
  const { url } = await startPages({ millraceUrl, writeKey })
  for (const useCase of useCases) process.stdout.write(`${url}/${useCase}/browser.html\n`)
}
