// The PostgreSQL source: publication and slot, initial snapshot, streaming by pgoutput.
// Behaviour follows Debezium's PostgresConnector 2.7.0.Final; deviations are listed in docs/differences.md.
#pragma once

#include "core/source.h"

namespace millrace::postgres {

SourceRegistration registration();

}  // namespace millrace::postgres
