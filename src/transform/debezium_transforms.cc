#include <array>

#include "transform/class_lists.h"
#include "transform/debezium_classes.h"

namespace millrace {

std::span<const TransformClass> debezium_transforms() {
  static const std::array all{extract_new_record_state(), logical_table_router(), event_router(), partition_routing(), changed_fields(),
                              header_to_value(), schema_to_new_record(), schema_change_filter(), timezone_converter(), tracing_span()};
  return all;
}

}  // namespace millrace
