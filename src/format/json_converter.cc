#include "format/json_converter.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>

#include "format/json_program.h"

namespace millrace {

namespace {

constexpr std::size_t k_rendered_bytes_max = 8 << 20;   // per converter; two converters per task

std::string trimmed_lower(std::string_view text) {
  const auto is_blank = [](unsigned char c) { return c <= ' '; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  std::string lower{text};
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

std::unexpected<Error> invalid(std::string_view name, std::string_view value, std::string_view problem) {
  return fail(fmt::format("Invalid value {} for configuration {}: {}", value, name, problem), Retry::no,
              k_config_exception);
}

Result<bool> read_boolean(const Config& options, std::string_view name, bool fallback) {
  const std::string* text = options.find(name);
  if (text == nullptr) return fallback;
  const std::string word = trimmed_lower(*text);
  if (word == "true") return true;
  if (word == "false") return false;
  return invalid(name, *text, "Expected value to be either true or false");
}

Result<DecimalFormat> read_decimal_format(const Config& options) {
  const std::string* text = options.find("decimal.format");
  if (text == nullptr) return DecimalFormat::base64;
  const std::string word = trimmed_lower(*text);
  if (word == "base64") return DecimalFormat::base64;
  if (word == "numeric") return DecimalFormat::numeric;
  return invalid("decimal.format", *text, "String must be one of (case insensitive): NUMERIC, BASE64");
}

Result<void> check_cache_size(const Config& options) {
  const std::string* text = options.find("schemas.cache.size");
  if (text == nullptr) return {};
  const std::string digits = trimmed_lower(*text);
  int size = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), size);
  if (problem != std::errc{} || end != digits.data() + digits.size())
    return invalid("schemas.cache.size", *text, "Not a number of type INT");
  return {};
}

}  // namespace

Result<std::unique_ptr<Converter>> JsonConverter::create(const Config& options) {
  JsonOptions json;
  MR_TRY(json.schemas, read_boolean(options, "schemas.enable", true));
  MR_TRY(json.null_to_default, read_boolean(options, "replace.null.with.default", true));
  MR_TRY(json.decimal, read_decimal_format(options));
  MR_CHECK(check_cache_size(options));
  return std::make_unique<JsonConverter>(json);
}

Result<std::unique_ptr<CompiledShape>> JsonConverter::compile(const Shape& shape) const {
  return JsonProgram::compile(shape, writer_.options());
}

Result<bool> JsonConverter::convert(const SchemaPtr& schema, const Value& value, Output& out) const {
  if (schema == nullptr && value.is_null()) return false;
  if (!writer_.options().schemas) {
    MR_CHECK(writer_.value(schema.get(), value, out));
    return true;
  }
  out.append(R"({"schema":)");
  MR_CHECK(append_schema(schema, out));
  out.append(R"(,"payload":)");
  MR_CHECK(writer_.value(schema.get(), value, out));
  out.append('}');
  return true;
}

Result<void> JsonConverter::append_schema(const SchemaPtr& schema, Output& out) const {
  if (schema == nullptr) return writer_.schema(nullptr, out);
  auto at = rendered_.find(schema.get());
  if (at == rendered_.end()) {
    StringOutput text;
    MR_CHECK(writer_.schema(schema.get(), text));
    if (rendered_bytes_ > k_rendered_bytes_max) {
      rendered_.clear();
      rendered_bytes_ = 0;
    }
    at = rendered_.emplace(schema.get(), Rendered{schema, std::string{text.written()}}).first;
    rendered_bytes_ += at->second.text.size() + sizeof(Rendered);
  }
  out.append(at->second.text);
  return {};
}

}  // namespace millrace
