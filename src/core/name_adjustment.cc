#include "core/name_adjustment.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/java_hash.h"
#include "core/letters.h"
#include "core/log.h"

namespace millrace {
namespace {

// The first of each ten decimal digits that fit in one UTF-16 unit (Unicode 15's Nd, Character.isDigit of Java 21).
constexpr std::array<char16_t, 37> k_digits{
    0x0030, 0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66,
    0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50,
    0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10};

bool is_unicode_digit(char16_t c) {
  return std::ranges::any_of(k_digits, [c](char16_t zero) { return c >= zero && c <= zero + 9; });
}

bool is_first(char16_t c, NameAdjustment mode) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c == '_' && mode == NameAdjustment::avro);
}

std::string adjusted(std::string_view name, NameAdjustment mode, bool dots) {
  if (mode == NameAdjustment::none || name.empty()) return std::string{name};
  std::u16string out;
  bool first = true, changed = false;
  for (const char16_t c : utf16_of(name)) {
    const bool valid = is_first(c, mode) || (!first && ((c >= '0' && c <= '9') || (dots && c == '.')));
    if (valid) {
      out += c;
    } else {
      changed = true;
      if (mode == NameAdjustment::avro_unicode) out += utf16_of(unicode_escape(c));
      else out += u'_';
      // A leading digit stays behind its underscore: names that differ in it alone do not become one.
      if (first && mode == NameAdjustment::avro && is_unicode_digit(c)) out += c;
    }
    first = false;
  }
  std::string result = utf8_of(out);
  if (changed)
    logger("io.debezium.schema.SchemaNameAdjuster")->warn(
        "The Kafka Connect schema name '{}' is not a valid Avro schema name, so replacing with '{}'", name, result);
  return result;
}

}  // namespace

NameAdjustment name_adjustment(std::string_view mode) {
  const std::string value = lower(trimmed(mode));
  if (value == "avro") return NameAdjustment::avro;
  return value == "avro_unicode" ? NameAdjustment::avro_unicode : NameAdjustment::none;
}

Result<NameAdjustment> name_adjustment_of(const Config& config, const std::string& option) {
  const std::string text = config.get(option);
  const NameAdjustment mode = name_adjustment(text);
  const std::string value = lower(trimmed(text));
  if (mode == NameAdjustment::none && !value.empty() && value != "none")
    return fail("The '" + option + "' value '" + text + "' is invalid: Value must be one of none, avro, avro_unicode");
  return mode;
}

std::string adjusted_schema_name(std::string_view name, NameAdjustment mode) { return adjusted(name, mode, true); }
std::string adjusted_field_name(std::string_view name, NameAdjustment mode) { return adjusted(name, mode, false); }

std::string unicode_escape(char16_t unit) {
  const std::string hex = fmt::format("{:x}", static_cast<unsigned>(unit));
  return (hex.size() <= 2 ? "_u00" : "_u") + hex;
}

}  // namespace millrace
