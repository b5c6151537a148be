#!/bin/sh
# What ./mvnw verify runs: the tests of all that is TypeScript, where there is a Node.
set -eu
cd "$(dirname "$0")/../.."

if ! command -v npm >/dev/null || ! node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)'; then
  echo "There is no Node 20 or later on this machine: the tests of the client, the console and the examples are left out."
  exit 0
fi
npm ci --no-audit --no-fund --loglevel=error
npm test
