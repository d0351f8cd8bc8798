#include "sources/mongodb/mongo_offset.h"

#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/json_text.h"
#include "core/numbers.h"
#include "core/offset_text.h"

namespace millrace::mongodb {
namespace {

using nlohmann::json;

// Java has no unsigned int: seconds from 2038 on are negative.
std::int64_t java_int(std::uint32_t value) { return static_cast<std::int32_t>(value); }

Error unusable(std::string_view problem) {
  return Error{.text = "The stored offset cannot be used: " + std::string{problem} +
                       ". Set it with PATCH /connectors/{name}/offsets, or remove it with DELETE and the connector "
                       "starts anew (both want the connector stopped).",
               .exception = std::string{k_debezium_exception}};
}

Error wrong_member(const char* name, const json& value, std::string_view wanted) {
  return unusable("its \"" + std::string{name} + "\" is " + value.dump(-1, ' ', false, json::error_handler_t::replace) +
                  " and not " + std::string{wanted});
}

const json* find_value(const json& object, const char* name) {
  const auto at = object.find(name);
  return at == object.end() || at->is_null() ? nullptr : &*at;
}

std::optional<std::int64_t> integer_of(const json& value) {
  if (value.is_number_integer()) {
    if (value.is_number_unsigned() && value.get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max()) return std::nullopt;
    return value.get<std::int64_t>();
  }
  if (!value.is_string()) return std::nullopt;
  const auto& text = value.get_ref<const std::string&>();
  const char* begin = text.data();
  const char* const end = begin + text.size();
  if (end - begin > 1 && *begin == '+' && begin[1] != '-') ++begin;   // as Integer.parseInt
  std::int64_t number = 0;
  const auto parsed = std::from_chars(begin, end, number);
  return parsed.ec == std::errc{} && parsed.ptr == end ? std::optional{number} : std::nullopt;
}

// Absent: none. Written by Java with its sign or by a user without.
Result<std::optional<std::uint32_t>> unsigned_member(const json& object, const char* name) {
  const json* const value = find_value(object, name);
  if (value == nullptr) return std::optional<std::uint32_t>{};
  const auto number = integer_of(*value);
  if (!number || *number < std::numeric_limits<std::int32_t>::min() || *number > std::numeric_limits<std::uint32_t>::max())
    return std::unexpected{wrong_member(name, *value, "an integer of 32 bits")};
  return std::optional{static_cast<std::uint32_t>(*number)};
}

Result<std::optional<ClusterTime>> time_of(const json& object) {
  MR_TRY(const auto seconds, unsigned_member(object, "sec"));
  MR_TRY(const auto increment, unsigned_member(object, "ord"));
  constexpr std::uint32_t k_minus_one = 0xFFFF'FFFF;
  const bool unknown = increment == k_minus_one && (seconds.value_or(0) == 0 || seconds == k_minus_one);
  if (unknown || (!seconds && !increment)) return std::optional<ClusterTime>{};
  return std::optional{ClusterTime{.seconds = seconds.value_or(0), .increment = increment.value_or(0)}};
}

int sextet(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

// None: no Base64.
std::optional<std::string> bytes_of_base64(std::string_view text) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  std::string bytes;
  unsigned bits = 0;
  int count = 0;
  for (const char c : text) {
    const int value = sextet(c);
    if (value < 0) return std::nullopt;
    bits = bits << 6 | static_cast<unsigned>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xFF);
  }
  return bytes;
}

bool is_document(std::string_view bytes) {
  bson_t document;
  return bson_init_static(&document, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()) &&
         bson_validate(&document, BSON_VALIDATE_NONE, nullptr);
}

bool is_hex(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789ABCDEFabcdef") == std::string_view::npos;
}

std::string token_of_data(const std::string& data) {
  bson_t document = BSON_INITIALIZER;
  bson_append_utf8(&document, "_data", -1, data.c_str(), static_cast<int>(data.size()));
  const BsonView view = view_of(document);
  std::string bytes{reinterpret_cast<const char*>(view.data()), view.size()};
  bson_destroy(&document);
  return bytes;
}

Result<std::string> token_member(const json& object) {
  const json* const value = find_value(object, "resume_token");
  if (value == nullptr) return std::string{};
  constexpr std::string_view k_wanted = "the Base64 text of a resume token's BSON, or the hexadecimal text of its _data";
  if (!value->is_string()) return std::unexpected{wrong_member("resume_token", *value, k_wanted)};
  const auto& text = value->get_ref<const std::string&>();
  if (auto bytes = bytes_of_base64(text); bytes && is_document(*bytes)) return std::move(*bytes);
  if (is_hex(text)) return token_of_data(text);
  return std::unexpected{wrong_member("resume_token", *value, k_wanted)};
}

Result<bool> flag(const json& object, const char* name) {
  const json* const value = find_value(object, name);
  if (value == nullptr) return false;
  if (!value->is_boolean()) return std::unexpected{wrong_member(name, *value, "true or false")};
  return value->get<bool>();
}

Result<std::string> text_member(const json& object, const char* name) {
  const json* const value = find_value(object, name);
  if (value == nullptr) return std::string{};
  if (!value->is_string()) return std::unexpected{wrong_member(name, *value, "a string")};
  return value->get<std::string>();
}

Result<std::optional<std::int64_t>> integer_member(const json& object, const char* name) {
  const json* const value = find_value(object, name);
  if (value == nullptr) return std::optional<std::int64_t>{};
  const auto number = integer_of(*value);
  if (!number) return std::unexpected{wrong_member(name, *value, "an integer")};
  return number;
}

Result<TransactionState> transaction_of(const json& object) {
  TransactionState state;
  MR_TRY(state.id, text_member(object, k_transaction_id_member.data()));
  if (state.id.empty()) return state;
  for (const auto& [name, value] : object.items()) {
    if (!name.starts_with(k_transaction_count_prefix)) continue;
    MR_TRY(const auto count, integer_member(object, name.c_str()));
    if (count) state.counts.emplace_back(name.substr(k_transaction_count_prefix.size()), *count);
  }
  return state;
}

}  // namespace

std::string MongoOffset::text() const {
  OffsetMembers members;
  add_member(members, "sec", time ? java_int(time->seconds) : 0);
  add_member(members, "ord", time ? java_int(time->increment) : -1);
  if (snapshot_unfinished) members.emplace_back("initsync", "true");
  if (!lsid.empty()) add_member(members, "lsid", std::string_view{lsid});
  if (txn_number) add_member(members, "txnNumber", *txn_number);
  if (!token.empty()) add_member(members, "resume_token", std::string_view{base64(token)});
  if (!snapshot_unfinished) add_members(members, transaction);
  return offset_text(members);
}

Result<MongoOffset> parse_mongo_offset(std::string_view text) {
  const auto object = json::parse(text, nullptr, false);
  if (!object.is_object()) return std::unexpected{unusable("it is not a JSON object")};
  MongoOffset offset;
  MR_TRY(offset.time, time_of(object));
  MR_TRY(offset.token, token_member(object));
  MR_TRY(offset.snapshot_unfinished, flag(object, "initsync"));
  MR_TRY(offset.lsid, text_member(object, "lsid"));
  MR_TRY(offset.txn_number, integer_member(object, "txnNumber"));
  MR_TRY(offset.transaction, transaction_of(object));
  return offset;
}

}  // namespace millrace::mongodb
