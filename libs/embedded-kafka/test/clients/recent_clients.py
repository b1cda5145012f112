"""Uses the broker through recent clients: recent_clients.py FOLDER_OF_PACKAGES BROKER PREFIX. Prints what they saw as JSON."""

import json
import sys
import time

sys.path.insert(0, sys.argv[1])
broker, prefix = sys.argv[2:]
count = 100

from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewTopic
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.admin import NewTopic as NewTopicOfPythonClient


def librdkafka(topic, group):
    """Idempotent producer with zstd, a group that commits, and the administration of librdkafka 2."""
    admin = AdminClient({"bootstrap.servers": broker})
    for created in admin.create_topics([NewTopic(topic, 2, 1)]).values():
        created.result()
    failures = []
    producer = Producer({"bootstrap.servers": broker, "enable.idempotence": True, "compression.type": "zstd"})
    for number in range(count):
        producer.produce(topic, b"v%d" % number, on_delivery=lambda error, _: error and failures.append(str(error)))
    producer.flush(20)
    settings = {"group.id": group, "auto.offset.reset": "earliest", "enable.auto.commit": False}
    consumer = Consumer({"bootstrap.servers": broker, **settings})
    consumer.subscribe([topic])
    consumed, deadline = 0, time.time() + 30
    while consumed < count and time.time() < deadline:
        consumed += sum(1 for message in consumer.consume(count, 1) if not message.error())
    # The producer may have put all in one partition: then there is nothing to commit of the other, and its offset is -1001.
    committed = sum(max(part.offset, 0) for part in consumer.commit(asynchronous=False))
    stable = admin.describe_consumer_groups([group])[group].result().state.name
    consumer.close()
    change = ConfigEntry("retention.ms", "60000", incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=[change])
    for altered in admin.incremental_alter_configs([resource]).values():
        altered.result()
    shown = list(admin.describe_configs([ConfigResource(ConfigResource.Type.TOPIC, topic)]).values())[0].result()
    retention = shown["retention.ms"].value
    admin.delete_consumer_groups([group])[group].result()
    admin.delete_topics([topic])[topic].result()
    return {"failures": failures, "consumed": consumed, "committed": committed, "state": stable, "retention": retention}


def python_client(topic, group):
    """kafka-python 3, which asks for the versions of the protocol that it likes best."""
    admin = KafkaAdminClient(bootstrap_servers=broker)
    admin.create_topics([NewTopicOfPythonClient(topic, 2, 1)])
    producer = KafkaProducer(bootstrap_servers=broker, acks="all", compression_type="gzip")
    for sent in [producer.send(topic, b"v%d" % number) for number in range(count)]:
        sent.get(20)
    producer.close()
    settings = {"group_id": group, "auto_offset_reset": "earliest", "enable_auto_commit": False}
    consumer = KafkaConsumer(topic, bootstrap_servers=broker, **settings)
    consumed, deadline = 0, time.time() + 30
    while consumed < count and time.time() < deadline:
        consumed += sum(len(records) for records in consumer.poll(500).values())
    consumer.commit()
    consumer.close()
    admin.delete_topics([topic])
    return {"consumed": consumed}


print(
    json.dumps(
        {
            "librdkafka": librdkafka(prefix + "librdkafka", prefix + "librdkafka-group"),
            "python": python_client(prefix + "python", prefix + "python-group"),
        }
    )
)
