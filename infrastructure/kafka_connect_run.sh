#!/bin/sh
# What Strimzi's operator starts in the container: the worker, with the files that the operator mounts.
# The worker reads the log levels in /opt/kafka/custom-config/log4j2.properties by itself.
set -eu

# /tmp is memory and outlives a restart of the container. What cannot be removed was put there by others.
rm -rf /tmp/* || true

# The operator's properties name it: ${strimzienv:ADVERTISED_HOSTNAME}, <pod>.<cr>-connect.<namespace>.svc
if [ -z "${ADVERTISED_HOSTNAME:-}" ]; then
  ADVERTISED_HOSTNAME=$(hostname -f | cut -d . -f 1-4)
fi
export ADVERTISED_HOSTNAME

exec /opt/kafka/bin/millrace distributed /opt/kafka/custom-config/kafka-connect.properties
