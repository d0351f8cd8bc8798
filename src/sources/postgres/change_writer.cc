#include "sources/postgres/change_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <utility>

#include "core/log.h"
#include "core/numbers.h"
#include "core/struct_access.h"

namespace millrace::postgres {
namespace {

constexpr std::string_view k_not_sent = "a large value that an update leaves as it is is not sent; REPLICA IDENTITY FULL sends it";

bool is_of_key(const RelationPlan& plan, std::size_t column) {
  return std::ranges::find(plan.key_columns, static_cast<int>(column)) != plan.key_columns.end();
}

std::int64_t signed_lsn(Lsn lsn) { return static_cast<std::int64_t>(lsn); }

// ["<last commit>","<lsn>"], the first null before any commit.
std::string_view write_sequence(std::array<char, 64>& buffer, const EventOrigin& origin) {
  char* at = buffer.data();
  char* const end = at + buffer.size();
  const auto text = [&at](std::string_view piece) { at = std::copy(piece.begin(), piece.end(), at); };
  text("[");
  if (origin.last_commit) {
    text("\"");
    at = std::to_chars(at, end, signed_lsn(*origin.last_commit)).ptr;
    text("\"");
  } else {
    text("null");
  }
  text(",\"");
  at = std::to_chars(at, end, signed_lsn(origin.lsn)).ptr;
  text("\"]");
  return {buffer.data(), static_cast<std::size_t>(at - buffer.data())};
}

std::optional<std::int64_t> integer_of(const Datum& datum) {
  if (datum.kind == Datum::Kind::int64) return datum.int64;
  if (datum.kind != Datum::Kind::digits) return std::nullopt;
  std::int64_t value = 0;
  const std::string_view text = datum.text();
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  return parsed.ec == std::errc{} ? std::optional{value} : std::nullopt;
}

// The digits of nanoseconds begin with those of micro- and milliseconds.
void put_time(Datum& ms, Datum& us, Datum& ns, std::string_view nanoseconds) {
  ms = Datum::digits({nanoseconds.data(), nanoseconds.size() - 6});
  us = Datum::digits({nanoseconds.data(), nanoseconds.size() - 3});
  ns = Datum::digits(nanoseconds);
}

// As Java's Float and Double: a NaN is a NaN, and 0.0 is not -0.0.
template <typename Number>
bool same_number(Number a, Number b) {
  return std::isnan(a) ? std::isnan(b) : a == b && std::signbit(a) == std::signbit(b);
}

bool same_tree(const Value& a, const Value& b) {
  if (const float* number = a.float32()) return b.float32() != nullptr && same_number(*number, *b.float32());
  if (const double* number = a.float64()) return b.float64() != nullptr && same_number(*number, *b.float64());
  if (const Value::Array* items = a.array())
    return b.array() != nullptr && std::ranges::equal(*items, *b.array(), same_tree);
  if (const Value::Struct* structure = a.structure())
    return b.structure() != nullptr && std::ranges::equal(structure->fields, b.structure()->fields, same_tree);
  return a == b;
}

bool equal(const Datum& a, const Datum& b) {
  using Kind = Datum::Kind;
  if (a.kind != b.kind) {   // the fallback of an absent integer is a number, a received one is text
    const auto left = integer_of(a), right = integer_of(b);
    return left && right && *left == *right;
  }
  switch (a.kind) {
    case Kind::null: return true;
    case Kind::boolean: return a.boolean == b.boolean;
    case Kind::int64: return a.int64 == b.int64;
    case Kind::float32: return same_number(a.float32, b.float32);
    case Kind::float64: return same_number(a.float64, b.float64);
    case Kind::string:
    case Kind::bytes:
    case Kind::digits: return a.text() == b.text();
    case Kind::tree: return same_tree(*a.tree, *b.tree);
  }
  return false;
}

Datum optional_integer(const std::optional<std::int64_t>& value) { return value ? Datum::of(*value) : Datum::null(); }

// The envelope of a t event is the table's; it has no key.
const RecordPlan& plan_of_truncation(const RelationPlan& plan) {
  if (!plan.truncation)
    plan.truncation = std::make_unique<RecordPlan>(RecordPlan{
        .topic = plan.record.topic, .value = plan.record.value, .slot_count = plan.record.slot_count});
  return *plan.truncation;
}

}  // namespace

bool SkippedOperations::has(char op) const {
  switch (op) {
    case 'c': return creates;
    case 'u': return updates;
    case 'd': return deletes;
    case 't': return truncates;
    default: return false;
  }
}

SkippedOperations skipped_operations(const Config& config) {
  if (!config.has("skipped.operations")) return {.truncates = true};
  SkippedOperations skipped;
  for (const std::string& operation : config.list("skipped.operations")) {
    skipped.creates |= operation == "c";
    skipped.updates |= operation == "u";
    skipped.deletes |= operation == "d";
    skipped.truncates |= operation == "t";
  }
  return skipped;
}

std::string shown_transaction_id(std::int64_t tx_id, Lsn lsn) {
  return std::to_string(tx_id) + ':' + std::to_string(signed_lsn(lsn));
}

void ChangeWriter::begin(const RecordPlan& plan, const EventOrigin& origin) {
  scratch_.reset();
  bad_event_ = false;
  absent_before_ = absent_after_ = {};
  slots_.assign(plan.slot_count, Datum::null());
  put_source_time(origin.ts_us);
  if (!origin.snapshot.empty()) slots_[slot::source_snapshot] = Datum::string(origin.snapshot);
  slots_[slot::source_sequence] = Datum::string(write_sequence(sequence_, origin));
  slots_[slot::source_tx_id] = optional_integer(origin.tx_id);
  slots_[slot::source_lsn] = Datum::of(signed_lsn(origin.lsn));
  slots_[slot::source_xmin] = optional_integer(origin.xmin);
  transaction_ = origin.transaction;
  if (transaction_ != nullptr) transaction_id_ = shown_transaction_id(origin.tx_id.value_or(0), origin.lsn);
}

// An unchanged TOAST value is not sent: it is in the old image, decoded before, when that is whole; else its placeholder
// stands in.
Result<void> ChangeWriter::decode(const RelationPlan& plan, pgoutput::Tuple tuple, bool as_before, pgoutput::Tuple old) {
  using Kind = pgoutput::TupleValue::Kind;
  if (tuple.size() != static_cast<std::size_t>(plan.tuple_size))
    return fail("Table " + plan.id.text() + ": a row of " + std::to_string(tuple.size()) + " columns, where " +
                std::to_string(plan.tuple_size) + " were announced");
  for (std::size_t i = 0; i < plan.columns.size(); ++i) {
    const ColumnCodec& column = plan.columns[i];
    const pgoutput::TupleValue& value = tuple[static_cast<std::size_t>(plan.tuple_index[i])];
    Datum& target = slots_[as_before ? plan.before_slot(i) : plan.after_slot(i)];
    if (value.kind == Kind::text) [[likely]] {
      auto decoded = column.decode(column, value.text, scratch_);
      if (!decoded) {
        bad_event_ = is_of_key(plan, i);
        return std::unexpected{std::move(decoded.error()).as_cause_of(
            "Column " + plan.id.text() + "." + column.name + " cannot be converted", k_data_exception)};
      }
      target = *decoded;
      if (target.is_null()) [[unlikely]] MR_CHECK(note_absent(plan, i, as_before, column.failure));
    } else if (value.kind == Kind::unchanged_toast) {
      const bool have_old = !old.empty() && old[static_cast<std::size_t>(plan.tuple_index[i])].kind == Kind::text;
      target = have_old ? slots_[plan.before_slot(i)] : column.unavailable;
      if (target.is_null()) MR_CHECK(note_absent(plan, i, as_before, k_not_sent));
    } else if (value.kind == Kind::null) {
      target = column.fallback;
    } else {
      return fail("Table " + plan.id.text() + ": column " + column.name + " came in binary form, which was not asked for");
    }
  }
  slots_[as_before ? slot::before : slot::after] = Datum::of(true);
  return {};
}

// A value that did not convert, or that an update left where it was and that has no placeholder.
Result<void> ChangeWriter::note_absent(const RelationPlan& plan, std::size_t at, bool as_before, std::string_view reason) {
  const ColumnCodec& column = plan.columns[at];
  if (column.schema->optional) return {};
  if (is_of_key(plan, at)) return bad_key(plan, column, reason);
  Absent& absent = as_before ? absent_before_ : absent_after_;
  if (absent.column == nullptr && !column.schema->default_value) absent = {.column = &column, .reason = reason};
  return {};
}

// Kafka Connect refuses a row without a value for a required column when Debezium puts it into the event.
Result<void> ChangeWriter::check_row(const RelationPlan& plan, bool before, bool after) {
  Absent absent = before ? absent_before_ : Absent{};
  if (absent.column == nullptr && after) absent = absent_after_;
  if (absent.column == nullptr) return {};
  bad_event_ = true;
  return fail(fmt::format("Invalid value: null used for required field: \"{}\", schema type: {} (table {}: {})", absent.column->name,
                          type_constant(absent.column->schema->type), plan.id.text(), absent.reason),
              Retry::no, k_data_exception);
}

// A column that does not convert is null in the value; in the key it is an error.
Result<void> ChangeWriter::check_key(const RelationPlan& plan) {
  if (!plan.key_may_fail) return {};
  const ColumnCodec* failed = take_failure(plan);
  if (failed == nullptr) return {};
  return bad_key(plan, *failed, failed->failure);
}

std::unexpected<Error> ChangeWriter::bad_key(const RelationPlan& plan, const ColumnCodec& column, std::string_view reason) {
  bad_event_ = true;
  return fail(fmt::format("Column {}.{} is part of the key and holds a value that does not convert: {}", plan.id.text(), column.name, reason),
              Retry::no, k_data_exception);
}

// The first of the key's columns that has failed since the last call. All are looked at: the next event starts afresh.
const ColumnCodec* ChangeWriter::take_failure(const RelationPlan& plan) {
  const ColumnCodec* failed = nullptr;
  for (const int key_column : plan.key_columns) {
    const ColumnCodec& column = plan.columns[static_cast<std::size_t>(key_column)];
    const bool fails = column.failures != std::exchange(column.failures_seen, column.failures);
    if (fails && failed == nullptr) failed = &column;
  }
  return failed;
}

// Only what concerns the one event may be passed over.
Result<void> ChangeWriter::settled(const RelationPlan& plan, Result<void> written) {
  if (written || !bad_event_) return written;
  if (bad_events_ == BadEvents::fail)
    return std::unexpected{std::move(written.error()).as_cause_of("Error while processing event of table " + plan.id.text(), k_connect_exception)};
  logger("io.debezium.pipeline.EventDispatcher")->log(level_of(bad_events_), "Error while processing event of table {}, which is left out: {}",
                                                       plan.id.text(), written.error().text);
  take_failure(plan);   // of columns before the one that ended it
  return {};
}

void ChangeWriter::take_key(const RelationPlan& plan, bool from_before) {
  for (std::size_t part = 0; part < plan.key_columns.size(); ++part) {
    const auto column = static_cast<std::size_t>(plan.key_columns[part]);
    slots_[plan.key_slot(part)] = slots_[from_before ? plan.before_slot(column) : plan.after_slot(column)];
  }
}

bool ChangeWriter::row_changed(const RelationPlan& plan) const {
  for (std::size_t column = 0; column < plan.value_columns; ++column)
    if (!equal(slots_[plan.before_slot(column)], slots_[plan.after_slot(column)])) return true;
  return false;
}

bool ChangeWriter::key_changed(const RelationPlan& plan) const {
  for (const int key_column : plan.key_columns) {
    const auto column = static_cast<std::size_t>(key_column);
    if (!equal(slots_[plan.before_slot(column)], slots_[plan.after_slot(column)])) return true;
  }
  return false;
}

Header ChangeWriter::key_header(const RelationPlan& plan, const char* name, bool from_before) {
  take_key(plan, from_before);
  ConnectRecord tree = to_tree(Record{.plan = &plan.record, .slots = slots_});
  return {.name = name, .schema = std::move(tree.key_schema), .value = std::move(tree.key)};
}

void ChangeWriter::stamp(char op) {
  const auto now_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::system_clock::now().time_since_epoch()).count();
  op_[0] = op;
  slots_[slot::op] = Datum::string({op_.data(), 1});
  put_time(slots_[slot::ts_ms], slots_[slot::ts_us], slots_[slot::ts_ns], {now_.data(), write_integer(now_.data(), now_ns)});
}

// All rows of a transaction have its time: its digits are written once.
void ChangeWriter::put_source_time(std::int64_t us) {
  constexpr std::int64_t k_digits_from = 1'000'000, k_digits_to = 9'000'000'000'000'000;   // years 1970 to 2255
  if (us < k_digits_from || us > k_digits_to) {
    slots_[slot::source_ts_ms] = Datum::of(us / 1000);
    slots_[slot::source_ts_us] = Datum::of(us);
    slots_[slot::source_ts_ns] = Datum::of(us * 1000);
    return;
  }
  if (us != source_us_) {
    source_us_ = us;
    source_digits_ = static_cast<std::size_t>(write_integer(source_time_.data(), us * 1000) - source_time_.data());
  }
  put_time(slots_[slot::source_ts_ms], slots_[slot::source_ts_us], slots_[slot::source_ts_ns], {source_time_.data(), source_digits_});
}

Result<void> ChangeWriter::emit(const RelationPlan& plan, char op, bool before, bool after,
                                std::span<const Header> headers, RecordSink& sink) {
  MR_CHECK(check_row(plan, before, after));
  slots_[slot::before] = before ? Datum::of(true) : Datum::null();
  slots_[slot::after] = after ? Datum::of(true) : Datum::null();
  return send(plan.record, plan, op, headers, sink);
}

Result<void> ChangeWriter::send(const RecordPlan& record, const RelationPlan& plan, char op,
                                std::span<const Header> headers, RecordSink& sink) {
  if (skipped_.has(op)) return {};
  stamp(op);
  if (transaction_ != nullptr) slots_[slot::transaction] = transaction_->event(transaction_id_, plan.id.text());
  ++emitted_;
  ++records_;
  return sink.emit({.plan = &record, .slots = slots_, .headers = headers});
}

Result<void> ChangeWriter::emit_tombstone(const RelationPlan& plan, std::span<const Header> headers, RecordSink& sink) {
  if (!tombstones_ || skipped_.deletes) return {};
  ++records_;
  return sink.emit({.plan = &plan.record, .slots = slots_, .tombstone = true, .headers = headers});
}

Result<void> ChangeWriter::read(const RelationPlan& plan, const EventOrigin& origin, pgoutput::Tuple row, RecordSink& sink) {
  begin(plan.record, origin);
  MR_CHECK(decode(plan, row, false));
  MR_CHECK(check_key(plan));
  take_key(plan, false);
  return emit(plan, 'r', false, true, {}, sink);
}

Result<void> ChangeWriter::insert(const RelationPlan& plan, const EventOrigin& origin, pgoutput::Tuple after, RecordSink& sink) {
  return settled(plan, write_insert(plan, origin, after, sink));
}

Result<void> ChangeWriter::write_insert(const RelationPlan& plan, const EventOrigin& origin, pgoutput::Tuple after,
                                        RecordSink& sink) {
  if (skipped_.creates || plan.tuple_size == 0) return {};
  begin(plan.record, origin);
  MR_CHECK(decode(plan, after, false));
  MR_CHECK(check_key(plan));
  take_key(plan, false);
  return emit(plan, 'c', false, true, {}, sink);
}

Result<void> ChangeWriter::update(const RelationPlan& plan, const EventOrigin& origin, const pgoutput::Update& update,
                                  RecordSink& sink) {
  return settled(plan, write_update(plan, origin, update, sink));
}

Result<void> ChangeWriter::write_update(const RelationPlan& plan, const EventOrigin& origin, const pgoutput::Update& update,
                                        RecordSink& sink) {
  if (plan.tuple_size == 0) return {};
  begin(plan.record, origin);
  const bool has_before = update.old_kind != pgoutput::OldTuple::none;
  if (!has_before && skipped_.updates) return {};   // with the old image it may be a changed key: a d and a c
  if (has_before) MR_CHECK(decode(plan, update.before, true));
  MR_CHECK(decode(plan, update.after, false, has_before ? update.before : pgoutput::Tuple{}));
  MR_CHECK(check_key(plan));
  if (has_before && plan.skips_unchanged && !row_changed(plan)) return {};
  if (!has_before || !key_changed(plan)) {
    take_key(plan, false);
    return emit(plan, 'u', has_before, true, {}, sink);
  }
  // A changed key is another row to Kafka: the old one is deleted, the new one created. When bad events are left out and
  // the new row is one, the delete goes out alone, as Debezium's does.
  if (bad_events_ == BadEvents::fail) MR_CHECK(check_row(plan, true, true));
  const Header new_key = key_header(plan, "__debezium.newkey", false);
  const Header old_key = key_header(plan, "__debezium.oldkey", true);
  take_key(plan, true);
  MR_CHECK(emit(plan, 'd', true, false, {&new_key, 1}, sink));
  MR_CHECK(emit_tombstone(plan, {&new_key, 1}, sink));
  take_key(plan, false);
  return emit(plan, 'c', false, true, {&old_key, 1}, sink);
}

Result<void> ChangeWriter::remove(const RelationPlan& plan, const EventOrigin& origin, const pgoutput::Delete& removal,
                                  RecordSink& sink) {
  return settled(plan, write_removal(plan, origin, removal, sink));
}

Result<void> ChangeWriter::write_removal(const RelationPlan& plan, const EventOrigin& origin, const pgoutput::Delete& removal,
                                         RecordSink& sink) {
  if (skipped_.deletes || plan.tuple_size == 0) return {};
  begin(plan.record, origin);
  MR_CHECK(decode(plan, removal.before, true));
  MR_CHECK(check_key(plan));
  take_key(plan, true);
  MR_CHECK(emit(plan, 'd', true, false, {}, sink));
  return emit_tombstone(plan, {}, sink);
}

Result<void> ChangeWriter::truncate(const RelationPlan& plan, const EventOrigin& origin, RecordSink& sink) {
  begin(plan.record, origin);
  return send(plan_of_truncation(plan), plan, 't', {}, sink);
}

Result<void> ChangeWriter::message(const RecordPlan& plan, const EventOrigin& origin,
                                   const pgoutput::LogicalMessage& message, BinaryMode mode, RecordSink& sink) {
  begin(plan, origin);
  stamp('m');
  const std::string prefix = as_debezium_reads(message.prefix);
  slots_[slot::first_column] = Datum::string(prefix);
  slots_[slot::first_column + 1] = binary_datum(message.content, mode, scratch_);
  ++records_;
  return sink.emit({.plan = &plan, .slots = slots_});
}

}  // namespace millrace::postgres
