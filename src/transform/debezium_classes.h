// Debezium's transforms that belong to no database, one function per class; debezium_transforms() lists them.
// Source: Debezium 2.7's io.debezium.transforms.
#pragma once

#include "core/transform.h"

namespace millrace {

TransformClass extract_new_record_state();
TransformClass logical_table_router();
TransformClass event_router();
TransformClass partition_routing();
TransformClass changed_fields();
TransformClass header_to_value();
TransformClass timezone_converter();
TransformClass schema_to_new_record();
TransformClass schema_change_filter();
TransformClass tracing_span();

}  // namespace millrace
