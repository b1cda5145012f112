// Uses the broker through franz-go and kafka-go: go-clients BROKER PREFIX. Prints what they saw as JSON.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	segmentio "github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

const count = 100

type report struct {
	Consumed  int    `json:"consumed"`
	Lag       int64  `json:"lag"`
	State     string `json:"state"`
	Retention string `json:"retention"`
	Deleted   bool   `json:"deleted"`
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// franz creates a topic, produces idempotently with zstd, consumes as a group, commits, and administers.
func franz(ctx context.Context, broker, topic, group string) report {
	client, err := kgo.NewClient(
		kgo.SeedBrokers(broker),
		kgo.ConsumeTopics(topic),
		kgo.ConsumerGroup(group),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.DisableAutoCommit(),
		kgo.ProducerBatchCompression(kgo.ZstdCompression()),
		kgo.MetadataMinAge(100*time.Millisecond),
	)
	check(err)
	defer client.Close()
	admin := kadm.NewClient(client)
	created, err := admin.CreateTopic(ctx, 3, 1, nil, topic)
	check(err)
	check(created.Err)
	records := make([]*kgo.Record, count)
	for i := range records {
		records[i] = &kgo.Record{Topic: topic, Key: []byte(fmt.Sprint(i)), Value: []byte("value")}
	}
	check(client.ProduceSync(ctx, records...).FirstErr())
	seen := report{}
	for seen.Consumed < count {
		fetches := client.PollFetches(ctx)
		check(fetches.Err())
		seen.Consumed += fetches.NumRecords()
	}
	check(client.CommitUncommittedOffsets(ctx))
	lags, err := admin.Lag(ctx, group)
	check(err)
	seen.Lag = lags[group].Lag.Total()
	groups, err := admin.ListGroups(ctx)
	check(err)
	seen.State = groups[group].State
	retention := "60000"
	altered, err := admin.AlterTopicConfigs(ctx, []kadm.AlterConfig{{Op: kadm.SetConfig, Name: "retention.ms", Value: &retention}}, topic)
	check(err)
	check(altered[0].Err)
	configs, err := admin.DescribeTopicConfigs(ctx, topic)
	check(err)
	for _, config := range configs[0].Configs {
		if config.Key == "retention.ms" {
			seen.Retention = config.MaybeValue()
		}
	}
	deleted, err := admin.DeleteTopic(ctx, topic)
	check(err)
	seen.Deleted = deleted.Err == nil
	return seen
}

// segment creates a topic, produces with snappy and consumes as a group that commits each message.
func segment(ctx context.Context, broker, topic, group string) report {
	connection, err := segmentio.Dial("tcp", broker)
	check(err)
	defer connection.Close()
	check(connection.CreateTopics(segmentio.TopicConfig{Topic: topic, NumPartitions: 2, ReplicationFactor: 1}))
	writer := &segmentio.Writer{
		Addr: segmentio.TCP(broker), Topic: topic, RequiredAcks: segmentio.RequireAll,
		BatchTimeout: 5 * time.Millisecond, Compression: segmentio.Snappy,
	}
	messages := make([]segmentio.Message, count)
	for i := range messages {
		messages[i] = segmentio.Message{Key: []byte(fmt.Sprint(i)), Value: []byte("value")}
	}
	check(writer.WriteMessages(ctx, messages...))
	check(writer.Close())
	reader := segmentio.NewReader(segmentio.ReaderConfig{
		Brokers: []string{broker}, GroupID: group, Topic: topic,
		StartOffset: segmentio.FirstOffset, CommitInterval: 50 * time.Millisecond,
	})
	seen := report{}
	for seen.Consumed < count {
		_, err := reader.ReadMessage(ctx)
		check(err)
		seen.Consumed++
	}
	check(reader.Close())
	check(connection.DeleteTopics(topic))
	seen.Deleted = true
	return seen
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 40*time.Second)
	defer cancel()
	broker, prefix := os.Args[1], os.Args[2]
	answer, err := json.Marshal(map[string]report{
		"franz":   franz(ctx, broker, prefix+"franz", prefix+"franz-group"),
		"segment": segment(ctx, broker, prefix+"segment", prefix+"segment-group"),
	})
	check(err)
	fmt.Println(string(answer))
}
