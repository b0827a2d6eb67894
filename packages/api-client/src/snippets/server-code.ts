import { quoteDouble, quoteJs, quoteShell } from './quote.ts'
import type { SnippetTemplate } from './snippet.ts'

const node = (library: string, close: string): SnippetTemplate => ({
  library,
  install: `npm install ${library}`,
  file: 'analytics.mjs',
  code: ({ host, writeKey }) => `import { Analytics } from '${library}'

const analytics = new Analytics({
  writeKey: ${quoteJs(writeKey)},
  host: ${quoteJs(host)},
})

analytics.identify({ userId: 'user-1', traits: { email: 'ada@example.com' } })
analytics.track({ userId: 'user-1', event: 'Signed Up', properties: { plan: 'pro' } })

// Before the program ends: sends what is still queued.
await analytics.${close}()
`,
})

export const nodeCode = {
  millrace: node('@millrace/node', 'close'),
  segment: node('@segment/analytics-node', 'closeAndFlush'),
  customerio: node('@customerio/cdp-analytics-node', 'closeAndFlush'),
}

const python = (library: string, module: string): SnippetTemplate => ({
  library,
  install: `pip install ${library}`,
  file: 'send.py',
  code: ({ host, writeKey }) => `import ${module} as analytics

analytics.write_key = ${quoteDouble(writeKey)}
analytics.host = ${quoteDouble(host)}

analytics.identify("user-1", {"email": "ada@example.com"})
analytics.track("user-1", "Signed Up", {"plan": "pro"})

# Before the program ends: sends what is still queued.
analytics.shutdown()
`,
})

export const pythonCode = {
  segment: python('segment-analytics-python', 'segment.analytics'),
  customerio: python('customerio-cdp-analytics', 'customerio.analytics'),
}

const go = (library: string): SnippetTemplate => ({
  library,
  install: `go get ${library}`,
  file: 'main.go',
  code: ({ host, writeKey }) => `package main

import (
	"log"

	"${library}"
)

func main() {
	client, err := analytics.NewWithConfig(${quoteDouble(writeKey)}, analytics.Config{
		Endpoint: ${quoteDouble(host)},
	})
	if err != nil {
		log.Fatal(err)
	}
	// Sends what is still queued.
	defer client.Close()

	messages := []analytics.Message{
		analytics.Identify{UserId: "user-1", Traits: analytics.NewTraits().SetEmail("ada@example.com")},
		analytics.Track{UserId: "user-1", Event: "Signed Up", Properties: analytics.NewProperties().Set("plan", "pro")},
	}
	for _, message := range messages {
		if err := client.Enqueue(message); err != nil {
			log.Print(err)
		}
	}
}
`,
})

export const goCode = {
  segment: go('github.com/segmentio/analytics-go/v3'),
  customerio: go('github.com/customerio/cdp-analytics-go'),
}

const batch = {
  batch: [
    { type: 'identify', userId: 'user-1', traits: { email: 'ada@example.com' } },
    { type: 'track', userId: 'user-1', event: 'Signed Up', properties: { plan: 'pro' } },
  ],
}

export const curlCode: SnippetTemplate = {
  library: 'curl',
  file: 'send.sh',
  code: ({ host, writeKey }) =>
    `curl -sS --fail-with-body -u ${quoteShell(`${writeKey}:`)} -H 'content-type: application/json' \\\n` +
    `  ${quoteShell(`${host}/v1/batch`)} -d ${quoteShell(JSON.stringify(batch))}\n`,
}
