"""Uses the broker through kafka-python: python_client.py BROKER TOPIC GROUP. Prints what it saw as JSON."""

import json
import sys
import threading
import time

from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic

broker, topic, group = sys.argv[1:]
count = 200

admin = KafkaAdminClient(bootstrap_servers=broker)
admin.create_topics([NewTopic(topic, 4, 1, topic_configs={"retention.ms": "600000"})])

producer = KafkaProducer(bootstrap_servers=broker, acks="all", compression_type="gzip")
for number in range(count):
    producer.send(topic, key=b"k%d" % number, value=b"v%d" % number, headers=[("h", b"1")])
producer.flush()
producer.close()

values = []
assigned = [0, 0]
deadline = time.time() + 40


def consume(place):
    """Goes on until everything has been read and both members have a part of the topic."""
    consumer = KafkaConsumer(
        topic,
        bootstrap_servers=broker,
        group_id=group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        session_timeout_ms=10000,
        heartbeat_interval_ms=300,
    )
    while time.time() < deadline and (len(values) < count or not all(assigned)):
        for records in consumer.poll(timeout_ms=200).values():
            values.extend(record.value for record in records)
        consumer.commit()
        assigned[place] = assigned[place] or len(consumer.assignment() or ())
        if assigned[0] and place == 0 and not second.is_alive() and not assigned[1]:
            second.start()
    consumer.close()


first, second = [threading.Thread(target=consume, args=(place,)) for place in (0, 1)]
first.start()
first.join()
second.join()
members = sum(1 for parts in assigned if parts)
committed = sum(entry.offset for entry in admin.list_consumer_group_offsets(group).values())
listed = (group, "consumer") in admin.list_consumer_groups()
admin.delete_topics([topic])
print(
    json.dumps(
        {
            "consumed": len(values),
            "distinct": len(set(values)),
            "members": members,
            "committed": committed,
            "listed": listed,
            "deleted": topic not in admin.list_topics(),
        }
    )
)
