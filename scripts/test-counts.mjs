// A reporter for `node --test` that writes the counts of the whole run as one line of JSON, for test.mjs to add up.
export default async function* counts(source) {
  for await (const event of source) {
    // Each file has a summary as well; the one without a file is that of the run.
    if (event.type === 'test:summary' && event.data.file === undefined) yield `${JSON.stringify(event.data.counts)}\n`
  }
}
