#!/usr/bin/env node
// The command `millrace`, in JavaScript that Node 18 understands: Millrace itself needs Node 24, which the npm package
// `node` brings along on a machine whose own Node is older.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const neededMajor = 24
const main = new URL('../src/main.ts', import.meta.url)

if (Number.parseInt(process.versions.node, 10) >= neededMajor) {
  await import(main.href)
} else {
  const node = newerNode()
  if (node === undefined) {
    process.stderr.write(
      `millrace needs Node.js ${neededMajor} or newer; this is ${process.versions.node}. ` +
        'Install a newer one from https://nodejs.org, or beside Millrace with: npm install node@26\n',
    )
    process.exitCode = 1
  } else {
    runWith(node)
  }
}

/** The binary of the npm package `node`, looked up from this file and from the current folder. */
function newerNode() {
  for (const from of [import.meta.url, pathToFileURL(join(process.cwd(), 'package.json')).href]) {
    try {
      const folder = dirname(createRequire(from).resolve('node/package.json'))
      const binary = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
      if (existsSync(binary)) return binary
    } catch {
      // Not installed there; the next place may have it.
    }
  }
  return undefined
}

/** Runs the command with that binary: same terminal, signals passed on, its exit code taken over. */
function runWith(node) {
  const child = spawn(node, [fileURLToPath(main), ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT']) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to the child as well, and a second one may mean "at once".
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    })
  }
  child.on('error', (error) => {
    process.stderr.write(`${node} cannot be started: ${error.message}\n`)
    process.exitCode = 1
  })
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : signal === 'SIGTERM' ? 143 : 1)
  })
}
