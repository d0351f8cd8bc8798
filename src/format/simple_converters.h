// The converters that write one plain value: strings, bytes, numbers, truth values, headers.
// Threads: any. Source: Kafka Connect 4.0's org.apache.kafka.connect.storage and .converters, Debezium 2.7's
// io.debezium.converters.
#pragma once

#include "format/converter.h"

namespace millrace {

Result<std::unique_ptr<Converter>> create_string_converter(const Config& options);
Result<std::unique_ptr<Converter>> create_byte_array_converter(const Config& options);
Result<std::unique_ptr<Converter>> create_simple_header_converter(const Config& options);
Result<std::unique_ptr<Converter>> create_boolean_converter(const Config& options);
Result<std::unique_ptr<Converter>> create_double_converter(const Config& options);
Result<std::unique_ptr<Converter>> create_float_converter(const Config& options);
Result<std::unique_ptr<Converter>> create_integer_converter(const Config& options);
Result<std::unique_ptr<Converter>> create_long_converter(const Config& options);
Result<std::unique_ptr<Converter>> create_short_converter(const Config& options);
// Debezium's: bytes as they are, all else through delegate.converter.type.
Result<std::unique_ptr<Converter>> create_binary_data_converter(const Config& options);
Result<std::unique_ptr<Converter>> create_debezium_byte_array_converter(const Config& options);

}  // namespace millrace
