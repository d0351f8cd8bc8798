// What the transforms share that put a row or document in the place of its change event: their options, what they do with
// deletes and tombstones, and the fields of the event that they copy into the record or its headers.
// Threads: plain values; a transform's own are its task's thread's. Source: Debezium 2.7's AbstractExtractNewRecordState.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/config.h"
#include "core/error.h"
#include "core/record.h"

namespace millrace {

bool is_change_event(const ConnectRecord& record);       // by its value's schema: "...Envelope"
bool has_change_event_key(const ConnectRecord& record);  // by its key's schema: "...Key"

struct DeleteHandling {
  enum class OnDelete : std::uint8_t { drop, tombstone, rewrite };
  OnDelete on_delete = OnDelete::drop;
  bool keeps_tombstones = false;

  bool rewrites() const { return on_delete == OnDelete::rewrite; }
};
inline constexpr std::string_view k_deleted_field = "__deleted";

// One field of the change event that add.fields or add.headers names: "op", "source.ts_ms", "ts_ms:EVENT_TIME".
class AddedField {
 public:
  // `text`: a whole option. Errors: a name with more than one colon, or none before it.
  static Result<std::vector<AddedField>> list(std::string_view option, std::string_view prefix, std::string_view text);

  const std::string& name() const { return name_; }     // in the record
  const std::string& field() const { return field_; }   // in the event

  // The field's schema, optional and without a default; null: the event has no such field. Errors: nor such a struct.
  Result<SchemaPtr> schema(const Schema& event) const;
  // `schema`: of the above. Errors: no such field; a struct, which a record cannot take over.
  Result<Value> value(const Value::Struct& event, const SchemaPtr& schema) const;
  // The same as a header takes it: a struct may be one.
  Result<Value> value(const Value::Struct& event) const;

 private:
  AddedField(std::string_view prefix, std::string_view holder, std::string_view field, std::string name);

  std::string holder_;   // the struct inside the event; empty: the event itself
  std::string field_;
  std::string name_;
};

// The headers that add.headers makes of an event; null: of a tombstone, which has but `op`.
Result<std::vector<Header>> added_headers(const std::vector<AddedField>& fields, const Value::Struct* event);

struct UnwrapOptions {
  DeleteHandling deletes;
  std::vector<AddedField> fields, headers;
  std::string route_by_field;   // empty: none

  // `options`: without the prefix. Errors name the option.
  static Result<UnwrapOptions> read(const Config& options);
};

// drop.tombstones to add.headers, in REST's order; a class may have more behind them.
std::vector<ConfigKey> unwrap_keys();
// One of `allowed` in any case and between blanks, given back as in `allowed`. Errors name the option.
Result<std::string> chosen(const Config& options, std::string_view option, std::string_view fallback,
                           std::initializer_list<std::string_view> allowed);

}  // namespace millrace
