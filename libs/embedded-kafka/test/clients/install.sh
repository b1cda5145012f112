#!/usr/bin/env bash
# Installs the clients that clients.int.spec.ts runs against the broker, each where its tool chain is there:
# kcat and python3-kafka by apt-get (root); newer Python clients, one for Node.js, a Go program, and Apache Kafka's Java
# tools below .cache.
# What was cut off is installed again by the next run: a folder gets its name when it is whole.
set -euo pipefail
cd "$(dirname "$0")"
to=$(cd ../../../.. && pwd)/.cache/clients
mkdir -p "$to"

{ command -v kcat && /usr/bin/python3 -c 'import kafka'; } >/dev/null 2>&1 || {
  apt-get -o Acquire::Retries=3 update -qq
  DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=3 install -y -qq kcat python3-kafka
} >/dev/null
if command -v pip >/dev/null; then
  [ -d "$to/python" ] || {
    rm -rf "$to/python.part"
    pip install -q --target "$to/python.part" kafka-python==3.0.12 confluent-kafka==2.16.1
    mv "$to/python.part" "$to/python"
  }
fi
[ -d "$to/node" ] || {
  rm -rf "$to/node.part"
  npm install --silent --no-audit --no-fund --prefix "$to/node.part" @platformatic/kafka@1.35.0
  mv "$to/node.part" "$to/node"
}
if command -v go >/dev/null; then
  (cd go && go build -o "$to/go-clients" .)
fi
if command -v mvn >/dev/null; then
  [ -d "$to/java" ] || {
    rm -rf "$to/java.part"
    mvn -q -B -f java.pom.xml dependency:copy-dependencies -DoutputDirectory="$to/java.part" -DincludeScope=runtime
    mv "$to/java.part" "$to/java"
  }
fi
