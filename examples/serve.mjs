// Serves the browser pages of the examples: node examples/serve.mjs
// MILLRACE_URL and MILLRACE_WRITE_KEY take the place of what is written in the pages; PORT that of 8421.
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'

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

const { MILLRACE_URL: millraceUrl, MILLRACE_WRITE_KEY: writeKey, PORT: port = '8421' } = process.env

const server = createServer((request, response) => {
  answer(request, response).catch((error) => response.writeHead(500).end(`${error.message}\n`))
})
server.listen(Number(port), '127.0.0.1', () => {
  // By name: on a bare address browsers keep no cookies, and the client needs them.
  for (const useCase of useCases) {
    process.stdout.write(`http://localhost:${server.address().port}/${useCase}/browser.html\n`)
  }
})

async function answer({ url }, response) {
  const { pathname } = new URL(url, 'http://localhost')
  const type = files.get(pathname)
  if (type === undefined) {
    response.writeHead(404).end(`There is no ${pathname}. There are: ${[...files.keys()].join(', ')}\n`)
    return
  }
  const bytes = await readFile(new URL(`.${pathname}`, import.meta.url))
  response.writeHead(200, { 'content-type': type }).end(type === html ? configured(bytes.toString()) : bytes)
}

function configured(page) {
  return page
    .replace(/(data-url=)"[^"]*"/, (whole, name) => (millraceUrl ? `${name}"${millraceUrl}"` : whole))
    .replace(/(data-write-key=)"[^"]*"/, (whole, name) => (writeKey ? `${name}"${writeKey}"` : whole))
}
