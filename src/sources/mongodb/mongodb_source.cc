#include "sources/mongodb/mongodb_source.h"

#include <poll.h>

#include <algorithm>
#include <utility>

#include "core/heartbeat.h"
#include "core/java_hash.h"
#include "core/json_text.h"
#include "core/letters.h"
#include "core/log.h"
#include "core/wall_clock.h"
#include "sources/mongodb/change_stream.h"
#include "sources/mongodb/client.h"
#include "sources/mongodb/event_writer.h"
#include "sources/mongodb/extended_json.h"
#include "sources/mongodb/fetcher.h"
#include "sources/mongodb/mongo_offset.h"
#include "sources/mongodb/mongodb_config.h"
#include "sources/mongodb/mongodb_diagnosis.h"
#include "sources/mongodb/mongodb_transforms.h"
#include "sources/mongodb/snapshot_rules.h"
#include "sources/mongodb/split_events.h"
#include "sources/mongodb/stream_position.h"

namespace millrace::mongodb {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds k_read_time_max{20};    // then the task looks at its other duties
constexpr std::chrono::seconds k_idle_checkpoint{15};       // an idle stream's token moves on, so that it does not age
constexpr std::chrono::seconds k_progress_interval{10};
constexpr std::chrono::milliseconds k_diagnosis_time{3'000};   // a stop waits for it
constexpr unsigned k_events_per_checkpoint = 64;

auto source_log() { return logger("io.debezium.connector.mongodb.MongoDbConnectorTask"); }

// Debezium's words around the server's, and what to do.
Error explained(ServerError error, const std::optional<std::string>& advice) {
  if (advice) error.error.text += ". " + *advice;
  Error outer = std::move(error.error).as_cause_of("Error while attempting to Reading change stream", k_debezium_exception);
  return std::move(outer).as_cause_of("An exception occurred in the change event producer. This connector will be stopped.",
                                      k_connect_exception);
}

constexpr const char* k_lost_advice =
    "The stored position is no longer in the server's oplog (or never was), so changes are lost to this connector. Take a new snapshot "
    "(snapshot.mode=when_needed, or stop the connector and DELETE its offsets), and give the oplog more room (replSetResizeOplog) if "
    "this happens again";
constexpr const char* k_no_place_advice =
    "Stop the connector and DELETE its offsets, or PATCH them with a resume_token; snapshot.mode=when_needed takes a new snapshot";
constexpr const char* k_oversize_advice =
    "A change event is larger than the 16 MiB that a server can send. cursor.oversize.handling.mode=split has servers from 6.0.9 on send "
    "it in parts, skip leaves out events with large documents; capture.mode=change_streams leaves the whole document out of updates";

void assign(std::string& to, BsonView from) { to.assign(reinterpret_cast<const char*>(from.data()), from.size()); }

class MongoSource final : public Source {
 public:
  MongoSource(const Config& config, const SourceContext& context)
      : config_{config}, stop_{context.stop}, progress_{context.progress} {}

  Result<void> open(const std::optional<Checkpoint>& stored) override;
  Result<void> read(RecordSink& sink) override;
  Readiness readiness() const override;
  Result<void> wind_down(RecordSink& sink) override;
  Result<void> commit(std::string_view) override { return {}; }   // nothing is kept for us but the oplog, by its size
  Result<void> keep_alive() override { return {}; }
  void close(bool orderly) override;

 private:
  Result<void> wait_before_snapshot() const;
  Result<void> stream_from_now(ChangeStream& stream, ReadPlan& plan, std::optional<CursorReply>& opened);
  Result<void> plan_snapshot(Client& client, ChangeStream& stream, const std::optional<MongoOffset>& stored, ReadPlan& plan);
  ServerResult<std::vector<Namespace>> captured_collections(Client& client) const;
  Result<bool> take(const Batch& batch, RecordSink& sink);
  Result<bool> take_backlog(RecordSink& sink);
  Result<bool> take_documents(const Batch& batch, RecordSink& sink);
  Result<bool> take_events(const Batch& batch, RecordSink& sink);
  Result<void> take_event(const ChangeEvent& event, RecordSink& sink);
  void go_to(const ChangeEvent& event, bool captured, StreamPosition& place) const;
  void note(const ChangeEvent& event, bool captured);
  void take_empty_poll(BsonView token);
  void pass();
  Result<void> emit_held(std::string_view marker, RecordSink& sink);
  Result<void> end_snapshot(RecordSink& sink);
  bool captures(const ChangeEvent& event);
  Error refused(ServerError error) const;
  void checkpoint(RecordSink& sink);
  Result<void> beat_if_due(RecordSink& sink);
  void when_idle(RecordSink& sink);
  void log_progress(bool finished);

  const Config config_;
  const StopSignal& stop_;
  SourceProgress& progress_;
  SnapshotRules rules_;
  CollectionFilter filter_;
  Namespace judged_;                         // the last one that filter_ was asked about
  bool judged_taken_ = false;
  CaptureOptions capture_;
  std::optional<EventWriter> writer_;        // from open() on
  std::optional<Heartbeat> heartbeat_;       // none: there are no heartbeats

  std::unique_ptr<Fetcher> fetcher_;
  const Batch* batch_ = nullptr;             // that at_ walks through
  bson_iter_t at_{};
  bool on_element_ = false;                  // at_ stands on one that is not used up
  SplitEvents split_;

  StreamPosition position_;                  // of the last records that went to Kafka, or the stream's place when there are none
  std::optional<StreamPosition> passed_;     // ahead of it: of events all of whose records a transform has dropped
  bool have_offset_ = false;                 // one is stored, or checkpointed in this run
  bool dirty_ = false;                       // position_ is ahead of the last checkpoint
  unsigned since_checkpoint_ = 0;
  Clock::time_point checkpointed_;

  bool backlog_is_whole_ = false;            // else its deletes only
  ClusterTime backlog_end_;                  // changes up to this come before the snapshot, later ones after it
  std::vector<Namespace> collections_;       // of the snapshot
  bool snapshotting_ = false;
  std::string held_;                         // a document: whether it is the last is known when the next one arrives
  std::size_t held_collection_ = 0;
  Clock::time_point snapshot_began_, logged_;
};

// The order of Debezium's start: server, stored position, snapshot or stream.
Result<void> MongoSource::open(const std::optional<Checkpoint>& place) {
  MR_TRY(rules_, SnapshotRules::create(config_));
  MR_TRY(filter_, CollectionFilter::create(config_));
  MR_TRY(capture_, capture_options(config_));
  MR_TRY(writer_, EventWriter::create(config_));
  heartbeat_ = Heartbeat::create(config_);
  MR_TRY(const ConnectionSettings settings, connection_settings(config_));
  std::optional<MongoOffset> stored;
  if (place) {
    MR_TRY(stored, parse_mongo_offset(place->offset));
  }
  have_offset_ = stored.has_value();
  MR_TRY(bool snapshot, rules_.wants_snapshot(stored));
  if (!snapshot && !rules_.streams()) return {};   // the task stays RUNNING and idle
  if (!snapshot && stored && stored->token.empty() && !stored->time)
    return fail(std::string{"The stored offset has neither a resume token nor a time, so it is not known where the stream goes on. "} +
                    k_no_place_advice, Retry::no, k_debezium_exception);

  MR_TRY(auto client, Client::open(settings, stop_));
  if (auto selected = client->select_server(); !selected) {
    const DeploymentFacts facts = stop_.requested() ? DeploymentFacts{} : look_at(settings, k_diagnosis_time);
    if (refuses_tls(facts)) selected.error().error.attempts_max = k_refusals_max;
    return std::unexpected{explained(std::move(selected.error()), deployment_advice(facts))};
  }
  if (!client->is_replica_set() && !client->is_sharded())
    return fail("MongoDB at " + client->server_address() + " is not a member of a replica set. " +
                    deployment_advice(look_at(settings, k_diagnosis_time)).value_or("Only replica sets have change streams"),
                Retry::yes, k_debezium_exception);
  auto stream = std::make_unique<ChangeStream>(*client, capture_, filter_);
  ReadPlan plan;
  std::optional<CursorReply> opened;
  if (!snapshot) {
    plan.stream = ResumePoint{};
    if (stored) {
      position_ = {.time = stored->time, .token = stored->token, .lsid = stored->lsid, .txn_number = stored->txn_number};
      plan.stream = ResumePoint{.token = stored->token, .time = stored->time};
      const bool is_over = place->whole || (stored->time && stored->lsid.empty());   // an event of no transaction sends END
      writer_->restore(stored->transaction, is_over);
      position_.transaction = writer_->transaction();
      position_.owes_end = writer_->owes_end();
    }
    auto reply = stream->open(*plan.stream);
    if (reply) {
      opened = std::move(*reply);
    } else if (rules_.begins_anew_when_lost() && reply.error().kind == ServerError::Kind::position_lost) {
      stored.reset();
      snapshot = rules_.reads_at_first();
      source_log()->warn("Last recorded offset is no longer available on the server ({}); {}", reply.error().error.text,
                         snapshot ? "a new snapshot is taken" : "streaming begins now, and the changes in between are lost");
      if (!snapshot) MR_CHECK(stream_from_now(*stream, plan, opened));
    } else {
      return std::unexpected{refused(std::move(reply.error()))};
    }
  }
  if (snapshot) {
    MR_CHECK(wait_before_snapshot());
    MR_CHECK(plan_snapshot(*client, *stream, stored, plan));
  }
  source_log()->info("{} from {}", snapshot ? "Snapshot, then changes," : "Changes", client->server_address());
  progress_.connected.set(1);
  fetcher_ = std::make_unique<Fetcher>(std::move(client), std::move(stream), std::move(opened), std::move(plan));
  checkpointed_ = Clock::now();
  return {};
}

Result<void> MongoSource::stream_from_now(ChangeStream& stream, ReadPlan& plan, std::optional<CursorReply>& opened) {
  position_ = {};
  plan.stream = ResumePoint{};
  have_offset_ = false;
  auto reply = stream.open(*plan.stream);
  if (!reply) return std::unexpected{refused(std::move(reply.error()))};
  opened = std::move(*reply);
  return {};
}

// snapshot.delay.ms. The stream's place is found behind it, as in Debezium: what changes meanwhile is in the snapshot alone.
Result<void> MongoSource::wait_before_snapshot() const {
  const auto until = Clock::now() + rules_.delay();
  if (rules_.delay().count() > 0) source_log()->info("The connector will wait for {} ms before the snapshot", rules_.delay().count());
  for (auto now = Clock::now(); now < until; now = Clock::now())
    if (stop_.requested_within(std::chrono::ceil<std::chrono::milliseconds>(until - now))) break;
  if (!stop_.requested()) return {};
  return fail("Stopped while it waited for the time of snapshot.delay.ms", Retry::yes, k_connect_exception);
}

Error MongoSource::refused(ServerError error) const {
  constexpr int k_event_too_large = 10334;
  std::optional<std::string> advice = refusal_advice(error.code, error.authentication, login_of(config_));
  if (error.kind == ServerError::Kind::position_lost) advice = k_lost_advice;
  if (error.code == k_event_too_large) advice = k_oversize_advice;
  return explained(std::move(error), advice);
}

// The stream's place is found before the first document is read, so nothing is missed; what changes meanwhile comes twice.
Result<void> MongoSource::plan_snapshot(Client& client, ChangeStream& stream, const std::optional<MongoOffset>& stored, ReadPlan& plan) {
  auto reply = stream.open({});
  if (!reply) return std::unexpected{refused(std::move(reply.error()))};
  const CursorReply& content = *reply;
  const std::optional<ClusterTime> time = operation_time(*content.reply);
  stream.close();
  position_ = {};
  bson_iter_t first;
  const bool has_event = iterate(content.batch, first) && bson_iter_next(&first);
  if (has_event) {   // its change is in what is read now
    MR_TRY(const ChangeEvent event, decode_change_event(document_at(first)));
    position_.time = event.fragment ? time : event.cluster_time;   // a part of an event is no place to go on from
    if (!event.fragment) assign(position_.token, event.token);
  } else if (!content.resume_token.empty()) {
    assign(position_.token, content.resume_token);
  } else {
    position_.time = time;
  }
  if (stored && (!stored->token.empty() || stored->time)) {   // deletes since an earlier run are in no snapshot
    backlog_is_whole_ = stored->snapshot_unfinished;
    plan.backlog = ResumePoint{.token = stored->token, .time = stored->time};
    plan.backlog_end = backlog_end_ = time.value_or(ClusterTime{});
  }
  auto collections = captured_collections(client);
  if (!collections) return std::unexpected{refused(std::move(collections.error()))};
  collections_ = std::move(*collections);
  plan.snapshot = collections_;
  for (const Namespace& name : collections_) plan.filters.push_back(rules_.filter_of(name.database, name.collection));
  plan.stream_delay = rules_.streaming_delay();
  plan.fetch_size = static_cast<std::int32_t>(config_.integer("snapshot.fetch.size", 0));
  if (rules_.streams()) plan.stream = ResumePoint{.token = position_.token, .time = position_.time};
  // The token may lie before the server's time: then a change in between would come with the backlog and with the stream.
  if (plan.stream && plan.backlog && time) plan.stream = ResumePoint{.time = ClusterTime{time->seconds, time->increment + 1}};
  snapshotting_ = true;
  snapshot_began_ = logged_ = Clock::now();
  progress_.begin_snapshot(collections_.size());
  if (collections_.empty())
    source_log()->warn("No collection that exists is captured. Check collection.include.list ({}) if that is not meant",
                       config_.get("collection.include.list"));
  return {};
}

// Databases in the order of a Java HashSet, their collections in the server's.
ServerResult<std::vector<Namespace>> MongoSource::captured_collections(Client& client) const {
  std::vector<std::string> databases{capture_.database};
  if (capture_.scope == CaptureScope::deployment) {
    MR_TRY(databases, client.database_names());
  }
  std::erase_if(databases, [this](const std::string& name) { return !filter_.takes_database(name); });
  const auto included = RegexList::compile(config_.get("snapshot.include.collection.list"));
  if (!included) return std::unexpected{ServerError{.error = included.error()}};
  std::vector<Namespace> captured;
  for (const std::size_t index : java_hash_map_order(databases)) {
    std::vector<std::string> names{capture_.collection};
    if (capture_.scope != CaptureScope::collection) {
      MR_TRY(names, client.collection_names(databases[index]));
    }
    for (std::string& name : names) {
      const Namespace found{databases[index], std::move(name)};
      if (!filter_.takes(found.database, found.collection)) continue;
      if (included->empty() || included->matches_any(found.text()).value_or(true)) captured.push_back(found);
    }
  }
  return captured;
}

bool MongoSource::captures(const ChangeEvent& event) {
  switch (event.operation) {
    case Operation::insert:
    case Operation::update:
    case Operation::replace:
    case Operation::remove: break;
    case Operation::invalidate:
    case Operation::other: return false;
  }
  if (event.database != judged_.database || event.collection != judged_.collection) {
    judged_ = {std::string{event.database}, std::string{event.collection}};
    judged_taken_ = filter_.takes(judged_.database, judged_.collection);
  }
  return judged_taken_;
}

Result<void> MongoSource::read(RecordSink& sink) {
  if (!fetcher_) return {};
  const auto until = Clock::now() + k_read_time_max;
  while (sink.ready() && Clock::now() < until) {
    const Batch* batch = fetcher_->front();
    if (batch == nullptr) {   // the bell stays rung while there is something, so that the task comes again
      fetcher_->wake().drain();
      batch = fetcher_->front();
    }
    if (batch == nullptr) {
      if (auto failure = fetcher_->failure()) {
        checkpoint(sink);   // what came before it is whole
        return std::unexpected{refused(std::move(*failure))};
      }
      when_idle(sink);
      break;
    }
    MR_TRY(const bool used_up, take(*batch, sink));
    if (!used_up) break;
    batch_ = nullptr;
    fetcher_->pop();
  }
  return {};
}

// False: the batch is not used up, the sink is full.
Result<bool> MongoSource::take(const Batch& batch, RecordSink& sink) {
  if (batch_ != &batch) {
    batch_ = &batch;
    on_element_ = iterate(batch.content.batch, at_) && bson_iter_next(&at_);
  }
  switch (batch.kind) {
    case Batch::Kind::backlog: return take_backlog(sink);
    case Batch::Kind::documents: return take_documents(batch, sink);
    case Batch::Kind::events: return take_events(batch, sink);
    case Batch::Kind::snapshot_end: break;
  }
  MR_CHECK(end_snapshot(sink));
  return true;
}

// Changes since an earlier run, before a new snapshot. After a snapshot that did not end all of them count: some of what
// came between two states of a document may be in no snapshot. With snapshot.mode=always only deletes do: Debezium sends none
// of the rest. Their place is not declared: after a crash all of it comes again.
Result<bool> MongoSource::take_backlog(RecordSink& sink) {
  for (; on_element_; on_element_ = bson_iter_next(&at_)) {
    if (!sink.ready()) return false;
    MR_TRY(const auto event, split_.take(document_at(at_)));
    if (!event || event->cluster_time.value_or(backlog_end_) > backlog_end_) continue;   // of the stream that follows the snapshot
    if (captures(*event) && (backlog_is_whole_ || event->operation == Operation::remove)) MR_CHECK(writer_->change(*event, sink));
  }
  return true;
}

Result<bool> MongoSource::take_documents(const Batch& batch, RecordSink& sink) {
  for (; on_element_; on_element_ = bson_iter_next(&at_)) {
    if (!sink.ready()) return false;
    if (held_.empty()) {   // the first of all
      have_offset_ = true;
      sink.store_before_next({.offset = position_.offset(true).text(), .shown = false});
    }
    MR_CHECK(emit_held("true", sink));
    assign(held_, document_at(at_));
    held_collection_ = batch.collection;
  }
  if (batch.ends_collection) progress_.snapshot_tables_done.add();
  log_progress(false);
  return true;
}

Result<void> MongoSource::emit_held(std::string_view marker, RecordSink& sink) {
  if (held_.empty()) return {};
  const Namespace& name = collections_[held_collection_];
  const BsonView document{reinterpret_cast<const std::uint8_t*>(held_.data()), held_.size()};
  MR_CHECK(writer_->read(name.database, name.collection, document, marker, position_.time, sink));
  progress_.snapshot_rows.add();
  held_.clear();
  if (held_.capacity() > k_batch_bytes_max / 8) held_.shrink_to_fit();
  return {};
}

Result<void> MongoSource::end_snapshot(RecordSink& sink) {
  MR_CHECK(emit_held("last", sink));
  snapshotting_ = false;
  if (have_offset_) {   // stored at once: until then a crash begins the snapshot anew
    dirty_ = true;
    checkpoint(sink);
    sink.flush_soon();
  }
  progress_.snapshot_completed.set(1);
  progress_.end_snapshot();
  log_progress(true);
  if (!rules_.streams()) source_log()->info("Streaming is disabled for snapshot mode {}", config_.get("snapshot.mode"));
  return {};
}

Result<bool> MongoSource::take_events(const Batch& batch, RecordSink& sink) {
  for (; on_element_; on_element_ = bson_iter_next(&at_)) {
    if (!sink.ready()) return false;
    MR_TRY(const auto event, split_.take(document_at(at_)));
    if (!event) continue;
    MR_CHECK(take_event(*event, sink));
    MR_CHECK(beat_if_due(sink));
    if (++since_checkpoint_ >= k_events_per_checkpoint) checkpoint(sink);
  }
  const bool empty = batch.content.count == 0;
  if (empty && !split_.pending() && !batch.content.resume_token.empty()) {
    take_empty_poll(batch.content.resume_token);
    MR_CHECK(beat_if_due(sink));
    if (!have_offset_) {   // streaming began without a snapshot: a restart must not begin later
      dirty_ = true;
      checkpoint(sink);
    }
  } else if (!empty) {
    checkpoint(sink);
  }
  return true;
}

// As in Connect, the stored position does not move for an event none of whose records went on to Kafka.
Result<void> MongoSource::take_event(const ChangeEvent& event, RecordSink& sink) {
  const std::uint64_t records = writer_->records(), dropped = sink.dropped();
  const bool captured = captures(event);
  if (captured) MR_CHECK(writer_->change(event, sink));
  note(event, captured);
  const std::uint64_t made = writer_->records() - records;
  if (made != 0 && made == sink.dropped() - dropped) {
    if (!passed_) passed_ = position_;
    go_to(event, captured, *passed_);
    return {};
  }
  pass();
  go_to(event, captured, position_);
  dirty_ = true;
  return {};
}

void MongoSource::go_to(const ChangeEvent& event, bool captured, StreamPosition& place) const {
  assign(place.token, event.token);
  if (!captured) return;
  place.time = event.cluster_time;
  const bool in_transaction = !event.lsid.empty() && event.txn_number;
  place.txn_number = in_transaction ? event.txn_number : std::nullopt;
  const std::string_view session{reinterpret_cast<const char*>(event.lsid.data()), in_transaction ? event.lsid.size() : 0};
  if (session.empty() || session != place.session) {   // its text is made once for all events of a transaction
    place.session = session;
    place.lsid.clear();
    if (in_transaction) (void)write_json(event.lsid, Dialect::strict, place.lsid);   // it could be written before, in the event
  }
  place.transaction = writer_->transaction();
  place.owes_end = writer_->owes_end();
}

void MongoSource::note(const ChangeEvent& event, bool captured) {
  if (!captured) progress_.filtered.add();
  else if (event.operation == Operation::insert) progress_.creates.add();
  else if (event.operation == Operation::remove) progress_.deletes.add();
  else progress_.updates.add();
  progress_.last_event_ms.set(wall_clock_ms());
  if (event.wall_time_ms) progress_.last_source_ms.set(*event.wall_time_ms);
  else if (event.cluster_time) progress_.last_source_ms.set(std::int64_t{event.cluster_time->seconds} * 1000);
}

// What was dropped lies behind a place that may be stored.
void MongoSource::pass() {
  if (passed_) position_ = *std::exchange(passed_, std::nullopt);
}

// With heartbeats the offset has Debezium's form: it does not say when. Without, Debezium stores none, and that of the last record
// stays with a newer token.
void MongoSource::take_empty_poll(BsonView token) {
  pass();
  assign(position_.token, token);
  if (!heartbeat_) return;
  position_.time.reset();
  position_.lsid.clear();
  position_.txn_number.reset();
}

// Behind events and empty polls, as in Debezium: none while the server is away.
Result<void> MongoSource::beat_if_due(RecordSink& sink) {
  if (!heartbeat_ || !heartbeat_->due()) return {};
  const std::uint64_t dropped = sink.dropped();
  MR_CHECK(heartbeat_->beat(sink));
  if (sink.dropped() != dropped) return {};
  pass();
  dirty_ = true;
  checkpoint(sink);
  return {};
}

void MongoSource::checkpoint(RecordSink& sink) {
  if (!dirty_ || snapshotting_) return;
  sink.checkpoint({.offset = position_.offset(false).text(), .whole = !position_.owes_end});
  have_offset_ = true;
  dirty_ = false;
  since_checkpoint_ = 0;
  checkpointed_ = Clock::now();
}

// Nothing comes for us, but the server goes on: a stored token that stands still would fall out of the oplog.
void MongoSource::when_idle(RecordSink& sink) {
  if (snapshotting_ || Clock::now() < checkpointed_ + k_idle_checkpoint || position_.token.empty() || !sink.settled()) return;
  pass();
  dirty_ = true;
  checkpoint(sink);
}

Readiness MongoSource::readiness() const {
  if (!fetcher_) return {.fd = -1, .events = 0, .deadline = Clock::now() + std::chrono::hours{1}};
  return {.fd = fetcher_->wake().fd(), .events = POLLIN, .deadline = Clock::now() + std::chrono::seconds{1}};
}

Result<void> MongoSource::wind_down(RecordSink& sink) {
  checkpoint(sink);
  return {};
}

void MongoSource::close(bool) {
  progress_.connected.set(0);
  if (snapshotting_) progress_.end_snapshot();
  snapshotting_ = false;
  batch_ = nullptr;
  fetcher_.reset();
}

void MongoSource::log_progress(bool finished) {
  const auto now = Clock::now();
  if (!finished && now < logged_ + k_progress_interval) return;
  logged_ = now;
  source_log()->info("Snapshot {}: {} documents of {} of {} collections after {:.1f} s", finished ? "complete" : "under way",
                     progress_.snapshot_rows.get(), progress_.snapshot_tables_done.get(), collections_.size(),
                     std::chrono::duration<double>(now - snapshot_began_).count());
}

std::string source_partition(const Config& config) {
  std::string out{"{\"server_id\":"};
  append_json_string(out, config.get("topic.prefix"));
  return out += '}';
}

}  // namespace

SourceRegistration registration() {
  return {.connector_class = "io.debezium.connector.mongodb.MongoDbConnector",
          .task_class = "io.debezium.connector.mongodb.MongoDbConnectorTask",
          .version = "2.7.0.Final",
          .config_def = config_def,
          .check = check,
          .validate = validate,
          .partition = source_partition,
          .create = [](const Config& config, const SourceContext& context) -> std::unique_ptr<Source> {
            return std::make_unique<MongoSource>(config, context);
          },
          .transforms = mongodb_transforms(),
          .metrics_name = "mongodb"};
}

}  // namespace millrace::mongodb
