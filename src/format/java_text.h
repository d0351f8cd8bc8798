// Values as Java prints them: Object.toString for StringConverter, Connect's Values.convertToString for
// SimpleHeaderConverter.
// Dates are in UTC, the zone of every worker.
// Threads: any; nothing is kept.
#pragma once

#include <string>
#include <string_view>

#include "core/output.h"
#include "core/schema.h"

namespace millrace {

// toString of a value that is not null: Struct{a=1,b=x}, [1, 2], {k=v}. A null schema: by the kind of the value.
void append_java_text(Output& out, const Schema* schema, const Value& value);
// The text of a header: {"a":1,"b":"x"}, strings at the top without quotes.
void append_header_text(Output& out, const Schema* schema, const Value& value);

}  // namespace millrace
