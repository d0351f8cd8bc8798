#include "core/java_class.h"

namespace millrace {

bool is_decimal(const Schema& schema) { return schema.type == Type::bytes && schema.name == k_decimal; }

bool is_java_date(const Schema* schema) {
  return schema != nullptr && (schema->name == k_date || schema->name == k_time || schema->name == k_timestamp);
}

std::int64_t java_date_ms(const Schema& schema, std::int64_t value) { return schema.name == k_date ? value * k_day_ms : value; }

bool is_byte_array(const Schema* schema) { return schema != nullptr && schema->name == "io.debezium.data.Bits"; }

std::string_view java_class_of(const Schema* schema, const Value& value) {
  if (value.is_null()) return "null";
  if (value.boolean() != nullptr) return "java.lang.Boolean";
  if (value.integer() != nullptr) {
    if (is_java_date(schema)) return "java.util.Date";
    switch (schema == nullptr ? Type::int64 : schema->type) {
      case Type::int8: return "java.lang.Byte";
      case Type::int16: return "java.lang.Short";
      case Type::int32: return "java.lang.Integer";
      default: return "java.lang.Long";
    }
  }
  if (value.float32() != nullptr) return "java.lang.Float";
  if (value.float64() != nullptr) return "java.lang.Double";
  if (value.string() != nullptr) return "java.lang.String";
  if (value.bytes() != nullptr) {
    if (schema != nullptr && is_decimal(*schema)) return "java.math.BigDecimal";
    return is_byte_array(schema) ? k_java_byte_array : k_java_buffer;
  }
  if (value.array() != nullptr) return "java.util.ArrayList";
  return value.map() != nullptr ? "java.util.HashMap" : "org.apache.kafka.connect.data.Struct";
}

}  // namespace millrace
