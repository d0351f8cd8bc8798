// Values as Java prints them: Object.toString for StringConverter, Connect's Values.convertToString for
// SimpleHeaderConverter, and the names of classes in Java's error texts.
// Dates are in UTC, the zone of every worker.
// Threads: any; nothing is kept.
#pragma once

#include <string>
#include <string_view>

#include "core/output.h"
#include "core/schema.h"

namespace millrace {

inline constexpr std::string_view k_java_byte_array = "[B";
inline constexpr std::string_view k_java_buffer = "java.nio.HeapByteBuffer";

// Of a value that is not null: java.lang.String, java.util.Date. A null schema: by the kind of the value.
std::string_view java_class_name(const Schema* schema, const Value& value);

// toString of a value that is not null: Struct{a=1,b=x}, [1, 2], {k=v}. A null schema: by the kind of the value.
void append_java_text(Output& out, const Schema* schema, const Value& value);
// The text of a header: {"a":1,"b":"x"}, strings at the top without quotes.
void append_header_text(Output& out, const Schema* schema, const Value& value);

}  // namespace millrace
