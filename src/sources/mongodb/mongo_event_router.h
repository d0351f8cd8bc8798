// MongoEventRouter sends the documents of an outbox collection to the topics of their aggregates: the text of `after` is read
// back into a struct, which goes through the routing that tables have too (core/outbox_routing.h).
// Source: Debezium 2.7's io.debezium.connector.mongodb.transforms.outbox.MongoEventRouter, which knows the behavior on updates
// by the name table.op.invalid.behavior.
// Threads: one task's thread.
#pragma once

#include "core/transform.h"

namespace millrace::mongodb {

const ConfigDef& mongo_event_router_def();
Result<std::unique_ptr<Transform>> make_mongo_event_router(const Config& options);

}  // namespace millrace::mongodb
