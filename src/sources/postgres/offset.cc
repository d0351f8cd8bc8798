#include "sources/postgres/offset.h"

#include <nlohmann/json.hpp>

#include "core/json_text.h"
#include "core/offset_text.h"

namespace millrace::postgres {

namespace {

std::int64_t java_long(Lsn lsn) { return static_cast<std::int64_t>(lsn); }

// As Debezium fills its map: the order of insertion counts where two names share a bucket.
std::string text_with_names_of_tables(const PostgresOffset& offset) {
  OffsetMembers members;
  if (offset.ts_usec) add_member(members, "ts_usec", *offset.ts_usec);
  if (offset.tx_id) add_member(members, "txId", *offset.tx_id);
  add_member(members, "lsn", java_long(offset.lsn));
  if (offset.xmin) add_member(members, "xmin", *offset.xmin);
  if (offset.lsn_proc) add_member(members, "lsn_proc", java_long(*offset.lsn_proc));
  if (offset.lsn_commit) add_member(members, "lsn_commit", java_long(*offset.lsn_commit));
  if (!offset.message_type.empty()) add_member(members, "messageType", std::string_view{offset.message_type});
  add_members(members, offset.transaction);
  return offset_text(members);
}

}  // namespace

// Java's HashMap<String, Object> of these keys iterates in this order, in tables of 16 and of 32.
std::string PostgresOffset::text() const {
  if (!snapshot && (xmin || !transaction.id.empty())) return text_with_names_of_tables(*this);
  std::string out{"{"};
  const auto member = [&out](std::string_view name, const std::string& value) {
    if (out.size() > 1) out += ',';
    ((out += '"') += name) += "\":";
    out += value;
  };
  const auto number = [](Lsn lsn_value) { return std::to_string(java_long(lsn_value)); };
  if (lsn_proc) member("lsn_proc", number(*lsn_proc));
  if (snapshot) member("last_snapshot_record", last_snapshot_record ? "true" : "false");
  if (!message_type.empty()) member("messageType", json_string(message_type));
  if (lsn_commit) member("lsn_commit", number(*lsn_commit));
  member("lsn", number(lsn));
  if (tx_id) member("txId", std::to_string(*tx_id));
  if (ts_usec) member("ts_usec", std::to_string(*ts_usec));
  if (snapshot) member("snapshot", "true");
  return out += '}';
}

namespace {

Error unusable(std::string_view problem) {
  return Error{.text = "The stored offset cannot be used: " + std::string{problem} +
                       ". Set it with PATCH /connectors/{name}/offsets, or remove it with DELETE and the connector "
                       "starts anew (both want the connector stopped).",
               .exception = std::string{k_debezium_exception}};
}

template <typename T, typename Accepts>
Result<std::optional<T>> member(const nlohmann::json& object, const char* name, Accepts accepts) {
  const auto at = object.find(name);
  if (at == object.end() || at->is_null()) return std::optional<T>{};
  if (!accepts(*at)) return std::unexpected{unusable("its \"" + std::string{name} + "\" is " + at->dump())};
  return std::optional<T>{at->template get<T>()};
}

Result<std::optional<std::int64_t>> integer_member(const nlohmann::json& object, const char* name) {
  return member<std::int64_t>(object, name, [](const nlohmann::json& value) { return value.is_number_integer(); });
}

Result<bool> flag(const nlohmann::json& object, const char* name) {
  MR_TRY(const auto value,
         member<bool>(object, name, [](const nlohmann::json& found) { return found.is_boolean(); }));
  return value.value_or(false);
}

Result<TransactionState> transaction_of(const nlohmann::json& object) {
  TransactionState state;
  MR_TRY(auto id, member<std::string>(object, k_transaction_id_member.data(), [](const nlohmann::json& v) { return v.is_string(); }));
  if (!id) return state;
  state.id = std::move(*id);
  for (const auto& [name, value] : object.items()) {
    if (!name.starts_with(k_transaction_count_prefix)) continue;
    MR_TRY(const auto count, integer_member(object, name.c_str()));
    if (count) state.counts.emplace_back(name.substr(k_transaction_count_prefix.size()), *count);
  }
  return state;
}

std::optional<Lsn> lsn_of(const std::optional<std::int64_t>& number) {
  return number ? std::optional<Lsn>{static_cast<Lsn>(*number)} : std::nullopt;
}

}  // namespace

Result<PostgresOffset> parse_offset(std::string_view json) {
  const auto object = nlohmann::json::parse(json, nullptr, false);
  if (!object.is_object()) return std::unexpected{unusable("it is not a JSON object")};
  PostgresOffset offset;
  MR_TRY(const auto lsn, integer_member(object, "lsn"));
  if (!lsn) return std::unexpected{unusable("it has no \"lsn\"")};
  offset.lsn = static_cast<Lsn>(*lsn);
  MR_TRY(const auto lsn_proc, integer_member(object, "lsn_proc"));
  MR_TRY(const auto lsn_commit, integer_member(object, "lsn_commit"));
  offset.lsn_proc = lsn_of(lsn_proc);
  offset.lsn_commit = lsn_of(lsn_commit);
  MR_TRY(offset.tx_id, integer_member(object, "txId"));
  MR_TRY(offset.ts_usec, integer_member(object, "ts_usec"));
  MR_TRY(auto type, member<std::string>(object, "messageType", [](const nlohmann::json& v) { return v.is_string(); }));
  offset.message_type = std::move(type).value_or("");
  MR_TRY(offset.xmin, integer_member(object, "xmin"));
  MR_TRY(offset.transaction, transaction_of(object));
  MR_TRY(offset.snapshot, flag(object, "snapshot"));
  MR_TRY(offset.last_snapshot_record, flag(object, "last_snapshot_record"));
  return offset;
}

}  // namespace millrace::postgres
