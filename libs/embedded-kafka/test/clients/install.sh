#!/usr/bin/env bash
# Installs the clients that clients.int.spec.ts runs against the broker, each where its tool chain is there:
# kcat and python3-kafka by apt-get (root); newer Python clients, one for Node.js, a Go program, and Apache Kafka's Java
# tools below .cache.
set -euo pipefail
cd "$(dirname "$0")"
to=$(cd ../../../.. && pwd)/.cache/clients
mkdir -p "$to"

{ command -v kcat && /usr/bin/python3 -c 'import kafka'; } >/dev/null 2>&1 || {
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq kcat python3-kafka
} >/dev/null
if command -v pip >/dev/null; then
  [ -d "$to/python" ] || pip install -q --target "$to/python" kafka-python==3.0.12 confluent-kafka==2.16.1
fi
[ -d "$to/node" ] || npm install --silent --no-audit --no-fund --prefix "$to/node" @platformatic/kafka@1.35.0
if command -v go >/dev/null; then
  (cd go && go build -o "$to/go-clients" .)
fi
if command -v mvn >/dev/null; then
  [ -d "$to/java" ] || mvn -q -B -f java.pom.xml dependency:copy-dependencies -DoutputDirectory="$to/java" -DincludeScope=runtime
fi
