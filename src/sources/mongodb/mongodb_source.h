// The MongoDB source: io.debezium.connector.mongodb.MongoDbConnector 2.7.
#pragma once

#include "core/source.h"

namespace millrace::mongodb {

SourceRegistration registration();

}  // namespace millrace::mongodb
