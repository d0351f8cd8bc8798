// schema.name.adjustment.mode and field.name.adjustment.mode: names as Avro takes them. Characters are UTF-16 units, so
// one outside the BMP is replaced twice. Debezium means to refuse two names that become one, but compares nothing over
// two calls: schema names may coincide, fields of one structure are refused by its schema.
// Threads: plain functions. Source: Debezium 2.7's SchemaNameAdjuster.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/config.h"
#include "core/error.h"

namespace millrace {

// avro: '_' in place of what Avro refuses; avro_unicode: _uXXXX, also in place of '_'.
enum class NameAdjustment : std::uint8_t { none, avro, avro_unicode };
// Of an option's text, in any case; empty is none. Checked before, as one of the option's values.
NameAdjustment name_adjustment(std::string_view mode);
// Errors: a text that is no mode, where the option was not checked before.
Result<NameAdjustment> name_adjustment_of(const Config& config, const std::string& option);

// A replacement gives a WARN.
std::string adjusted_schema_name(std::string_view name, NameAdjustment mode);
std::string adjusted_field_name(std::string_view name, NameAdjustment mode);   // dots are replaced too

// One UTF-16 unit as avro_unicode writes it: "_u" and its hexadecimal digits, with two zeros before one or two of them.
std::string unicode_escape(char16_t unit);

}  // namespace millrace
