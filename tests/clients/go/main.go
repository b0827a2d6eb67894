// Makes calls with a public client, as an application does.
//
//	send-calls HOST WRITE_KEY [impatient | close]
//
// Each line of the standard input is a JSON list of {"method", "parameters"}. When the client has no more to do for them,
// one line goes out: a JSON list of the messageIds that it reported as failed. "impatient" makes it try again at once;
// with "close" the client is closed right after the first calls, as by an application that ends.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"reflect"
	"sync"
	"time"

	"github.com/segmentio/analytics-go/v3"
)

type call struct {
	Method     string          `json:"method"`
	Parameters json.RawMessage `json:"parameters"`
}

// outcomes is what the client tells about each message, once.
type outcomes struct {
	pending sync.WaitGroup
	mutex   sync.Mutex
	failed  []string
}

func (o *outcomes) Success(analytics.Message) { o.pending.Done() }

func (o *outcomes) Failure(message analytics.Message, _ error) {
	o.mutex.Lock()
	o.failed = append(o.failed, reflect.ValueOf(message).FieldByName("MessageId").String())
	o.mutex.Unlock()
	o.pending.Done()
}

func main() {
	told := &outcomes{}
	config := analytics.Config{
		Endpoint: os.Args[1],
		Interval: 200 * time.Millisecond,
		Callback: told,
		Logger:   analytics.StdLogger(log.New(io.Discard, "", 0)),
	}
	mode := ""
	if len(os.Args) > 3 {
		mode = os.Args[3]
	}
	if mode == "impatient" {
		config.RetryAfter = func(int) time.Duration { return 10 * time.Millisecond }
	}
	client, err := analytics.NewWithConfig(os.Args[2], config)
	check(err)

	lines := bufio.NewReader(os.Stdin)
	for {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF {
			break
		}
		check(err)
		var calls []call
		check(json.Unmarshal(line, &calls))
		told.failed = []string{}
		for _, each := range calls {
			told.pending.Add(1)
			check(client.Enqueue(messageOf(each)))
		}
		if mode == "close" {
			check(client.Close())
		}
		told.pending.Wait()
		answer, err := json.Marshal(told.failed)
		check(err)
		fmt.Println(string(answer))
	}
	if mode != "close" {
		check(client.Close())
	}
}

// messageOf fills the client's own types, whose fields are named as on the wire.
func messageOf(each call) analytics.Message {
	switch each.Method {
	case "identify":
		message := read[analytics.Identify](each)
		message.Context = contextOf(each)
		return message
	case "track":
		message := read[analytics.Track](each)
		message.Context = contextOf(each)
		return message
	case "page":
		message := read[analytics.Page](each)
		message.Context = contextOf(each)
		return message
	case "screen":
		message := read[analytics.Screen](each)
		message.Context = contextOf(each)
		return message
	case "group":
		message := read[analytics.Group](each)
		message.Context = contextOf(each)
		return message
	default:
		message := read[analytics.Alias](each)
		message.Context = contextOf(each)
		return message
	}
}

// contextOf keeps what the type has no field for in its Extra.
func contextOf(each call) *analytics.Context {
	both := read[struct {
		Context *analytics.Context `json:"context"`
	}](each)
	if both.Context == nil {
		return nil
	}
	both.Context.Extra = read[struct {
		Context map[string]any `json:"context"`
	}](each).Context
	return both.Context
}

func read[T any](each call) T {
	var value T
	check(json.Unmarshal(each.Parameters, &value))
	return value
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
