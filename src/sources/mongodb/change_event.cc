#include "sources/mongodb/change_event.h"

#include <charconv>
#include <string>

namespace millrace::mongodb {
namespace {

std::string_view type_name(bson_type_t type) {
  switch (type) {
    case BSON_TYPE_DOUBLE: return "a double";
    case BSON_TYPE_UTF8: return "a string";
    case BSON_TYPE_DOCUMENT: return "a document";
    case BSON_TYPE_ARRAY: return "an array";
    case BSON_TYPE_BINARY: return "binary data";
    case BSON_TYPE_UNDEFINED: return "undefined";
    case BSON_TYPE_OID: return "an ObjectId";
    case BSON_TYPE_BOOL: return "a boolean";
    case BSON_TYPE_DATE_TIME: return "a date";
    case BSON_TYPE_NULL: return "null";
    case BSON_TYPE_REGEX: return "a regular expression";
    case BSON_TYPE_DBPOINTER: return "a DBPointer";
    case BSON_TYPE_CODE: case BSON_TYPE_CODEWSCOPE: return "code";
    case BSON_TYPE_SYMBOL: return "a symbol";
    case BSON_TYPE_INT32: return "an int";
    case BSON_TYPE_TIMESTAMP: return "a timestamp";
    case BSON_TYPE_INT64: return "a long";
    case BSON_TYPE_DECIMAL128: return "a decimal";
    case BSON_TYPE_MAXKEY: case BSON_TYPE_MINKEY: return "a bound key";
    case BSON_TYPE_EOD: break;
  }
  return "of an unknown type";
}

std::unexpected<Error> unreadable(const std::string& problem) {
  return fail("A change event cannot be read: " + problem + ". Servers of versions 4.4 to 8.0 send none like it: is there "
              "another product or a proxy between?", Retry::no, k_debezium_exception);
}

std::unexpected<Error> wrong_type(const bson_iter_t& member, std::string_view wanted) {
  return unreadable("its \"" + std::string{bson_iter_key_unsafe(&member)} + "\" is " +
                    std::string{type_name(bson_iter_type(&member))} + " and not " + std::string{wanted});
}

Result<void> take_document(const bson_iter_t& member, BsonView& target) {
  if (BSON_ITER_HOLDS_NULL(&member)) return {};
  if (!BSON_ITER_HOLDS_DOCUMENT(&member)) return wrong_type(member, "a document");
  target = document_at(member);
  return {};
}

Result<void> take_string(const bson_iter_t& member, std::string_view& target) {
  if (!BSON_ITER_HOLDS_UTF8(&member)) return wrong_type(member, "a string");
  std::uint32_t size = 0;
  const char* text = bson_iter_utf8(&member, &size);
  target = {text, size};
  return {};
}

Result<void> take_namespace(const bson_iter_t& member, ChangeEvent& event) {
  BsonView names;
  MR_CHECK(take_document(member, names));
  bson_iter_t part;
  if (!iterate(names, part)) return {};
  while (bson_iter_next(&part)) {
    const std::string_view name = bson_iter_key_unsafe(&part);
    if (name == "db") MR_CHECK(take_string(part, event.database));
    if (name == "coll") MR_CHECK(take_string(part, event.collection));
  }
  return {};
}

Result<void> take_cluster_time(const bson_iter_t& member, ChangeEvent& event) {
  if (BSON_ITER_HOLDS_NULL(&member)) return {};
  if (!BSON_ITER_HOLDS_TIMESTAMP(&member)) return wrong_type(member, "a timestamp");
  ClusterTime time;
  bson_iter_timestamp(&member, &time.seconds, &time.increment);
  event.cluster_time = time;
  return {};
}

Result<void> take_wall_time(const bson_iter_t& member, ChangeEvent& event) {
  if (BSON_ITER_HOLDS_NULL(&member)) return {};
  if (!BSON_ITER_HOLDS_DATE_TIME(&member)) return wrong_type(member, "a date");
  event.wall_time_ms = bson_iter_date_time(&member);
  return {};
}

Result<void> take_txn_number(const bson_iter_t& member, ChangeEvent& event) {
  if (BSON_ITER_HOLDS_NULL(&member)) return {};
  if (!BSON_ITER_HOLDS_INT64(&member) && !BSON_ITER_HOLDS_INT32(&member)) return wrong_type(member, "a long");
  event.txn_number = bson_iter_as_int64(&member);
  return {};
}

Result<void> take_fragment(const bson_iter_t& member, ChangeEvent& event) {
  if (BSON_ITER_HOLDS_NULL(&member)) return {};
  bson_iter_t part;
  Fragment fragment;
  if (!BSON_ITER_HOLDS_DOCUMENT(&member) || !iterate(document_at(member), part)) return wrong_type(member, "a document");
  while (bson_iter_next(&part)) {
    const std::string_view name = bson_iter_key_unsafe(&part);
    if (name == "fragment") fragment.number = bson_iter_as_int64(&part);
    if (name == "of") fragment.of = bson_iter_as_int64(&part);
  }
  event.fragment = fragment;
  return {};
}

Operation operation_of(std::string_view name) {
  if (name == "insert") return Operation::insert;
  if (name == "update") return Operation::update;
  if (name == "replace") return Operation::replace;
  if (name == "delete") return Operation::remove;
  if (name == "invalidate") return Operation::invalidate;
  return Operation::other;
}

Result<void> take_operation(const bson_iter_t& member, ChangeEvent& event) {
  MR_CHECK(take_string(member, event.operation_name));
  event.operation = operation_of(event.operation_name);
  return {};
}

Result<void> take_member(const bson_iter_t& member, ChangeEvent& event) {
  const std::string_view name{bson_iter_key_unsafe(&member), bson_iter_key_len(&member)};
  if (name == "_id") return take_document(member, event.token);
  if (name == "operationType") return take_operation(member, event);
  if (name == "clusterTime") return take_cluster_time(member, event);
  if (name == "wallTime") return take_wall_time(member, event);
  if (name == "ns") return take_namespace(member, event);
  if (name == "documentKey") return take_document(member, event.document_key);
  if (name == "fullDocument") return take_document(member, event.full_document);
  if (name == "fullDocumentBeforeChange") return take_document(member, event.full_document_before);
  if (name == "updateDescription") return take_document(member, event.update_description);
  if (name == "lsid") return take_document(member, event.lsid);
  if (name == "txnNumber") return take_txn_number(member, event);
  if (name == "splitEvent") return take_fragment(member, event);
  return {};
}

}  // namespace

std::optional<ClusterTime> time_of_token(BsonView token) {
  bson_iter_t member;
  std::string_view data;
  if (!iterate(token, member) || !bson_iter_find(&member, "_data") || !take_string(member, data)) return std::nullopt;
  constexpr std::size_t k_digits = 8;
  if (data.size() < 2 + 2 * k_digits || !data.starts_with("82")) return std::nullopt;
  ClusterTime time;
  const char* at = data.data() + 2;
  for (std::uint32_t* part : {&time.seconds, &time.increment}) {
    const auto [end, error] = std::from_chars(at, at + k_digits, *part, 16);
    if (error != std::errc{} || end != at + k_digits) return std::nullopt;
    at = end;
  }
  return time;
}

BsonView token_of(BsonView event) {
  bson_iter_t member;
  return iterate(event, member) && bson_iter_find(&member, "_id") ? document_at(member) : BsonView{};
}

Result<ChangeEvent> decode_change_event(BsonView document) {
  bson_iter_t member;
  if (!iterate(document, member)) return unreadable("its " + std::to_string(document.size()) + " bytes are no BSON document");
  ChangeEvent event;
  while (bson_iter_next(&member)) MR_CHECK(take_member(member, event));
  if (std::size_t{member.off} + 1 != document.size())
    return unreadable("its bytes are no BSON behind position " + std::to_string(member.off) + " of " +
                      std::to_string(document.size()));
  if (event.token.empty()) return unreadable("it has no resume token (\"_id\")");
  if (event.operation_name.empty() && !event.fragment) return unreadable("it has no \"operationType\"");
  return event;
}

}  // namespace millrace::mongodb
