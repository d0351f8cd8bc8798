#include "sources/mongodb/event_writer.h"

#include <array>
#include <chrono>
#include <map>
#include <string>
#include <utility>

#include "core/bad_events.h"
#include "core/log.h"
#include "sources/mongodb/collection_plan.h"
#include "sources/mongodb/extended_json.h"

namespace millrace::mongodb {
namespace {

constexpr std::string_view k_logger = "io.debezium.connector.mongodb.MongoDbCollectionSchema";
constexpr std::size_t k_kept_text_max = std::size_t{1} << 20;

// Java's ints: both turn negative from 2^31 on.
std::int64_t signed_of(std::uint32_t value) { return static_cast<std::int32_t>(value); }

Datum text_or_null(std::string_view text) { return text.empty() ? Datum::null() : Datum::string(text); }

std::string_view op_of(Operation operation) {
  switch (operation) {
    case Operation::insert: return "c";
    case Operation::update: case Operation::replace: return "u";
    case Operation::remove: return "d";
    case Operation::invalidate: case Operation::other: break;
  }
  return {};
}

// False: the document has no member of that name. (No std::optional: a template drops bson_iter_t's alignment.)
bool find_member(BsonView document, const char* name, bson_iter_t& member) {
  return iterate(document, member) && bson_iter_find(&member, name);
}

std::string_view utf8_at(const bson_iter_t& member) {   // data() is null where there is none
  std::uint32_t size = 0;
  const char* text = bson_iter_utf8(&member, &size);
  return {text, size};
}

Value string_value(const bson_iter_t& member) {
  const std::string_view text = utf8_at(member);
  return text.data() == nullptr ? Value{} : Value{text};
}

// Null when there are none.
Value removed_fields_of(BsonView update, const FieldFilter& fields) {
  bson_iter_t member, name;
  Value::Array names;
  if (find_member(update, "removedFields", member) && iterate(document_at(member), name)) {
    while (bson_iter_next(&name)) {
      if (fields.empty()) names.push_back(string_value(name));
      else if (const auto kept = fields.removed_field(utf8_at(name))) names.emplace_back(*kept);
    }
  }
  return names.empty() ? Value{} : Value{std::move(names)};
}

// None: the array is excluded.
std::optional<Value> truncated_array_of(BsonView entry, const FieldFilter& fields) {
  bson_iter_t member;
  Value field, size;
  if (find_member(entry, "field", member)) {
    field = string_value(member);
    if (!fields.empty()) {
      const auto kept = fields.truncated_array(utf8_at(member));
      if (!kept) return std::nullopt;
      field = Value{*kept};
    }
  }
  if (find_member(entry, "newSize", member)) size = Value{bson_iter_as_int64(&member)};
  return Value{Value::Struct{.schema = truncated_array_schema(), .fields = {std::move(field), std::move(size)}}};
}

Value truncated_arrays_of(BsonView update, const FieldFilter& fields) {
  bson_iter_t member, entry;
  Value::Array arrays;
  if (find_member(update, "truncatedArrays", member) && iterate(document_at(member), entry))
    while (bson_iter_next(&entry))
      if (auto kept = truncated_array_of(document_at(entry), fields)) arrays.push_back(std::move(*kept));
  return arrays.empty() ? Value{} : Value{std::move(arrays)};
}

std::unexpected<Error> unwritable(const CollectionPlan& plan, BsonView key, Error cause) {
  std::string id;
  bson_iter_t value;
  if (!find_member(key, "_id", value) || !write_json_value(value, Dialect::relaxed, id)) id = "unknown";
  return std::unexpected{std::move(cause).as_cause_of(
      "Collection " + plan.name() + ": the document with _id " + id + " cannot be written", k_debezium_exception)};
}

}  // namespace

struct EventWriter::Impl {
  using Namespace = std::pair<std::string_view, std::string_view>;   // views into the plan

  Impl(const Config& config, PlanOptions plan_options, WallClock clock)
      : options{std::move(plan_options)}, tombstones{config.boolean("tombstones.on.delete", true)},
        on_bad_events{bad_events(config)}, now{clock} {
    if (config.boolean("provide.transaction.metadata", false)) transactions.emplace(transaction_topic(config));
  }

  Result<CollectionPlan*> plan_of(std::string_view database, std::string_view collection);
  void begin(std::optional<ClusterTime> time);
  void end();
  Result<Datum> document(const FieldFilter& fields, BsonView document, std::string& text);
  BsonView filtered_view() const;
  Result<void> key(BsonView document);
  Result<void> update_description(const FieldFilter& fields, BsonView update);
  Result<void> transaction(const ChangeEvent& event);
  Result<void> follow_transaction(const CollectionPlan& plan, const ChangeEvent& event, RecordSink& sink);
  Result<void> end_transaction(std::int64_t ts_ms, RecordSink& sink);
  Result<void> not_written(const CollectionPlan& plan, const ChangeEvent& event, Error cause) const;
  Result<void> images(const FieldFilter& fields, const ChangeEvent& event);
  Result<void> fill(const FieldFilter& fields, const ChangeEvent& event);
  Result<void> emit(const CollectionPlan& plan, std::string_view op, RecordSink& sink);
  Result<void> change(CollectionPlan& plan, const ChangeEvent& event, RecordSink& sink);
  Result<void> read(CollectionPlan& plan, BsonView document, std::string_view marker, RecordSink& sink);

  const PlanOptions options;
  const bool tombstones;
  const BadEvents on_bad_events;
  const WallClock now;
  std::optional<TransactionMetadata> transactions;   // none: provide.transaction.metadata is false
  bool transaction_over = true;                      // its END has been sent
  std::map<Namespace, std::unique_ptr<CollectionPlan>> plans;
  CollectionPlan* latest = nullptr;   // events of one collection mostly come together
  std::array<Datum, slot::count> slots{};
  std::uint64_t records = 0;
  std::string before, after, updated, id, lsid;
  std::string filtered;   // BSON of a document without its excluded fields
  Value removed, truncated;
};

Result<CollectionPlan*> EventWriter::Impl::plan_of(std::string_view database, std::string_view collection) {
  if (latest != nullptr && latest->collection == collection && latest->database == database) return latest;
  auto known = plans.find({database, collection});
  if (known == plans.end()) {
    MR_TRY(auto plan, plan_of_collection(database, collection, options));
    const Namespace name{plan->database, plan->collection};
    known = plans.emplace(name, std::move(plan)).first;
  }
  return latest = known->second.get();
}

void EventWriter::Impl::begin(std::optional<ClusterTime> time) {
  slots.fill(Datum::null());
  const std::int64_t seconds = time ? signed_of(time->seconds) : 0;
  slots[slot::source_ts_ms] = Datum::of(seconds * 1000);
  slots[slot::source_ts_us] = Datum::of(seconds * 1'000'000);
  slots[slot::source_ts_ns] = Datum::of(seconds * 1'000'000'000);
  slots[slot::source_ord] = Datum::of(time ? signed_of(time->increment) : std::int64_t{-1});
}

// A document of 16 MiB must not keep its memory for the life of the task.
void EventWriter::Impl::end() {
  for (std::string* text : {&before, &after, &updated, &id, &lsid, &filtered}) {
    text->clear();
    if (text->capacity() > k_kept_text_max) text->shrink_to_fit();
  }
  removed = truncated = Value{};
}

BsonView EventWriter::Impl::filtered_view() const { return {reinterpret_cast<const std::uint8_t*>(filtered.data()), filtered.size()}; }

Result<Datum> EventWriter::Impl::document(const FieldFilter& fields, BsonView document, std::string& text) {
  if (document.empty()) return Datum::null();
  if (!fields.empty()) {
    MR_CHECK(fields.filter_document(document, filtered));
    document = filtered_view();
  }
  MR_CHECK(write_json(document, Dialect::strict, text));
  return Datum::string(text);
}

Result<void> EventWriter::Impl::key(BsonView document) {
  bson_iter_t value;
  if (find_member(document, "_id", value)) MR_CHECK(write_json_value(value, Dialect::relaxed, id));
  else id = "null";
  slots[slot::id] = Datum::string(id);
  return {};
}

Result<void> EventWriter::Impl::update_description(const FieldFilter& fields, BsonView update) {
  if (update.empty()) return {};
  slots[slot::update] = Datum::of(true);
  bson_iter_t member;
  if (find_member(update, "updatedFields", member) && BSON_ITER_HOLDS_DOCUMENT(&member)) {
    BsonView changes = document_at(member);
    if (!fields.empty()) {
      MR_CHECK(fields.filter_updates(changes, filtered));
      changes = filtered_view();
    }
    MR_CHECK(write_json(changes, Dialect::relaxed_spaced, updated));
    slots[slot::updated_fields] = Datum::string(updated);
  }
  removed = removed_fields_of(update, fields);
  truncated = truncated_arrays_of(update, fields);
  slots[slot::removed_fields] = Datum::of(removed);
  slots[slot::truncated_arrays] = Datum::of(truncated);
  return {};
}

Result<void> EventWriter::Impl::transaction(const ChangeEvent& event) {
  if (event.lsid.empty() || !event.txn_number) return {};
  MR_CHECK(write_json(event.lsid, Dialect::strict, lsid));
  slots[slot::source_lsid] = Datum::string(lsid);
  slots[slot::source_txn_number] = Datum::of(*event.txn_number);
  return {};
}

// END has the time of the event that tells of it. Debezium 2.7 repeats it before each later event of no transaction.
Result<void> EventWriter::Impl::end_transaction(std::int64_t ts_ms, RecordSink& sink) {
  if (std::exchange(transaction_over, true)) return {};
  ++records;
  return transactions->emit_end(transactions->state().id, ts_ms, sink);
}

Result<void> EventWriter::Impl::follow_transaction(const CollectionPlan& plan, const ChangeEvent& event, RecordSink& sink) {
  if (!transactions) return {};
  const std::int64_t ts_ms = slots[slot::source_ts_ms].int64;
  if (lsid.empty()) return end_transaction(ts_ms, sink);
  std::string transaction_id = lsid + ':' + std::to_string(*event.txn_number);
  if (transaction_over || transactions->state().id != transaction_id) {
    MR_CHECK(end_transaction(ts_ms, sink));
    transactions->begin(std::move(transaction_id));
    transaction_over = false;
    ++records;
    MR_CHECK(transactions->emit_begin(transactions->state().id, ts_ms, sink));
  }
  slots[slot::transaction] = transactions->event(transactions->state().id, plan.name());
  return {};
}

// Debezium takes the members that belong to the operation, whatever else is there.
Result<void> EventWriter::Impl::images(const FieldFilter& fields, const ChangeEvent& event) {
  if (event.operation != Operation::insert) {
    MR_TRY(slots[slot::before], document(fields, event.full_document_before, before));
  }
  if (event.operation != Operation::remove) {
    MR_TRY(slots[slot::after], document(fields, event.full_document, after));
  }
  if (event.operation == Operation::update || event.operation == Operation::replace)
    return update_description(fields, event.update_description);
  return {};
}

Result<void> EventWriter::Impl::fill(const FieldFilter& fields, const ChangeEvent& event) {
  MR_CHECK(key(event.document_key));
  MR_CHECK(transaction(event));
  return images(fields, event);
}

Result<void> EventWriter::Impl::emit(const CollectionPlan& plan, std::string_view op, RecordSink& sink) {
  slots[slot::op] = Datum::string(op);
  slots[slot::ts_ms] = Datum::of(now());
  ++records;
  return sink.emit({.plan = &plan.record, .slots = slots});
}

Result<void> EventWriter::Impl::change(CollectionPlan& plan, const ChangeEvent& event, RecordSink& sink) {
  begin(event.cluster_time);
  if (event.wall_time_ms && *event.wall_time_ms != 0) slots[slot::source_wall_time] = Datum::of(*event.wall_time_ms);
  if (auto filled = fill(plan.fields, event); !filled) return not_written(plan, event, std::move(filled).error());
  if (event.operation == Operation::insert && event.full_document.empty() && !std::exchange(plan.warned_of_missing_document, true))
    logger(k_logger)->warn("Collection {}: the server sent the insert of {} without its document: the record has none either. "
                           "Further ones of this collection are not reported", plan.name(), id);
  MR_CHECK(follow_transaction(plan, event, sink));
  MR_CHECK(emit(plan, op_of(event.operation), sink));
  if (event.operation != Operation::remove || !tombstones) return {};
  ++records;
  return sink.emit({.plan = &plan.record, .slots = slots, .tombstone = true});
}

Result<void> EventWriter::Impl::read(CollectionPlan& plan, BsonView document, std::string_view marker, RecordSink& sink) {
  slots[slot::source_snapshot] = text_or_null(marker);
  const auto fill_in = [&]() -> Result<void> {
    MR_CHECK(key(document));
    MR_TRY(slots[slot::after], this->document(plan.fields, document, after));
    return {};
  };
  if (auto filled = fill_in(); !filled) return unwritable(plan, document, std::move(filled).error());
  return emit(plan, "r", sink);
}

Result<void> EventWriter::Impl::not_written(const CollectionPlan& plan, const ChangeEvent& event, Error cause) const {
  auto error = unwritable(plan, event.document_key, std::move(cause));
  if (on_bad_events == BadEvents::fail) return error;
  const auto log = logger("io.debezium.pipeline.EventDispatcher");
  log->log(level_of(on_bad_events), "A change is left out: {}",
           error.error().trace());
  return {};
}

Result<EventWriter> EventWriter::create(const Config& config, WallClock now) {
  MR_TRY(PlanOptions options, plan_options(config));
  return EventWriter{std::make_unique<Impl>(config, std::move(options), now)};
}

EventWriter::EventWriter(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
EventWriter::~EventWriter() = default;
EventWriter::EventWriter(EventWriter&&) noexcept = default;
EventWriter& EventWriter::operator=(EventWriter&&) noexcept = default;

Result<void> EventWriter::read(std::string_view database, std::string_view collection, BsonView document,
                               std::string_view marker, std::optional<ClusterTime> time, RecordSink& sink) {
  MR_TRY(CollectionPlan* const plan, impl_->plan_of(database, collection));
  impl_->begin(time);
  auto written = impl_->read(*plan, document, marker, sink);
  impl_->end();
  return written;
}

Result<void> EventWriter::change(const ChangeEvent& event, RecordSink& sink) {
  if (op_of(event.operation).empty()) return {};
  if (event.database.empty() || event.collection.empty())
    return fail("A change event (" + std::string{event.operation_name} + ") names no collection: its \"ns\" lacks db or coll. "
                "Servers of versions 4.4 to 8.0 send none like it: is there another product or a proxy between?",
                Retry::no, k_debezium_exception);
  MR_TRY(CollectionPlan* const plan, impl_->plan_of(event.database, event.collection));
  auto written = impl_->change(*plan, event, sink);
  impl_->end();
  return written;
}

const TransactionState& EventWriter::transaction() const {
  static const TransactionState none;
  return impl_->transactions ? impl_->transactions->state() : none;
}

bool EventWriter::owes_end() const { return impl_->transactions && !impl_->transaction_over; }

std::uint64_t EventWriter::records() const { return impl_->records; }

void EventWriter::restore(const TransactionState& state, bool over) {
  if (!impl_->transactions) return;
  impl_->transactions->restore(state);
  impl_->transaction_over = over || state.id.empty();
}

}  // namespace millrace::mongodb
