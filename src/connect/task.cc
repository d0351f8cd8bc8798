#include "connect/task.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_set>
#include <utility>

#include "connect/ack_tracker.h"
#include "connect/error_tolerance.h"
#include "connect/plan_folding.h"
#include "connect/topic_creation.h"
#include "connect/transform_chain.h"
#include "core/envelope.h"
#include "core/log.h"
#include "core/slab.h"
#include "format/converter.h"
#include "kafka/client_config.h"

namespace millrace {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// The memory of one task (docs/architecture.md, "Bounds").
constexpr std::size_t k_slabs = 6;
constexpr std::size_t k_slab_bytes = 4 * 1024 * 1024;       // 6 x 4 MiB = 24 MiB of values
// Of a task's batches: the settings' own, Java's, each record alone. A topic may take less than we would like to send at once.
constexpr std::array<std::int64_t, 3> k_batch_bytes_max{0, 16'384, 1};
constexpr std::size_t k_messages_max = 48'000;              // x about 350 bytes inside librdkafka = 17 MB
constexpr std::size_t k_checkpoints_max = 8'192;            // x about 200 bytes = 1.6 MB
constexpr milliseconds k_first_retry_wait{500};
constexpr milliseconds k_stop_time_max{3'500};              // of the 5 s in which the worker ends; 0.5 s go to wind_down

constexpr std::string_view k_invalid_topic_exception = "org.apache.kafka.common.errors.InvalidTopicException";

auto task_log() { return logger("org.apache.kafka.connect.runtime.WorkerSourceTask"); }

// A plan's compiled key and value, kept with the plan.
struct CompiledPlan final : PlanAttachment {
  std::unique_ptr<CompiledShape> key, value;
  bool topic_known = false;
};

// Java's transforms put a field's default where it is null, a plan leaves that to the converter.
bool replaces_nulls(std::string_view converter, const Config& options) {
  return converter == "org.apache.kafka.connect.json.JsonConverter" && options.boolean("replace.null.with.default", true);
}

// What the offset store reports, from its own thread. It may report after the task is gone, so the task shares it.
class FlushResult {
 public:
  const Wake& wake() const { return wake_; }
  void put(Result<void> result) {
    const std::lock_guard lock{mutex_};
    result_ = std::move(result);
    wake_.ring();
  }
  std::optional<Result<void>> take() {
    const std::lock_guard lock{mutex_};
    return std::exchange(result_, std::nullopt);
  }

 private:
  Wake wake_;
  std::mutex mutex_;
  std::optional<Result<void>> result_;
};

// Values that Kafka has not acknowledged, and the offsets that wait for them. Made anew with each producer.
struct InFlight {
  SlabRing slabs{k_slabs, k_slab_bytes};
  AckTracker acks{k_checkpoints_max};
};

}  // namespace

struct Task::Impl final : RecordSink {
  explicit Impl(TaskSpec given);

  // The data path.
  void run();
  Result<void> stream();
  Result<void> turn();
  Result<void> emit(const Record& record) override;
  std::uint64_t dropped() const override { return dropped_; }
  void checkpoint(Checkpoint place) override {
    stored_first_.reset();
    flight_->acks.checkpoint(std::move(place));
  }
  void store_before_next(Checkpoint place) override { stored_first_ = std::move(place); }
  void flush_soon() override { next_flush_ = Clock::now(); }
  bool ready() const override;
  bool settled() const override {
    return flight_->acks.empty() && !flight_->acks.has_committable() && !pending_place_ && !flushing_;
  }

  // Its parts.
  Result<void> prepare();
  Result<void> make_producer();
  Result<void> write(const RecordPlan& plan, bool tombstone, const Record& record);
  Result<void> emit_transformed(const Record& record);
  Result<void> emit_tree(const Record& record);
  Result<CompiledPlan*> compiled(const RecordPlan& plan);
  Result<void> know_topic(const std::string& topic, const std::optional<SlabRing::Piece>& value);
  Result<void> ensure_topic(const std::string& topic);
  Result<void> make_headers(std::span<const Header> headers);
  Result<std::optional<SlabRing::Piece>> in_slab(const auto& write);
  void release(const std::optional<SlabRing::Piece>& unsent) {
    if (unsent) flight_->slabs.release(unsent->slab);
  }
  void note_dropped() {
    ++dropped_;
    counters_.records_filtered.fetch_add(1, std::memory_order_relaxed);
  }
  Result<void> tolerate(Error error, const std::string& topic, std::string_view stage);
  struct Address {
    const std::string& topic;
    std::int32_t partition;
    std::optional<std::int64_t> timestamp_ms;
  };
  Result<void> produce(const Address& to, std::optional<std::string_view> key, std::optional<SlabRing::Piece> value);
  Result<void> store_first();
  void on_delivered(std::uint64_t tag, const Error* error);
  void begin_flush();
  Result<void> end_flush();
  void wait();
  void wait_on(int extra_fd, short extra_events, Clock::time_point deadline);
  void drain(Clock::time_point deadline);
  bool wait_before_retry(const Error& error);
  void report(TaskState state, const std::string& trace = "");

  const TaskSpec spec_;
  const std::string offset_key_;
  const milliseconds flush_interval_;
  TaskCounters& counters_;
  const ErrorTolerance tolerance_;
  StopSignal stop_;
  std::atomic<bool> paused_{false};
  std::thread thread_;

  std::unique_ptr<Converter> key_converter_, value_converter_, header_converter_;
  TransformChain transforms_;
  bool folds_ = false;                          // the transforms may be applied to plans
  TopicCreationRules topic_rules_;
  std::unique_ptr<kafka::Producer> producer_;
  std::unique_ptr<Source> source_;
  std::unique_ptr<InFlight> flight_;
  const std::shared_ptr<FlushResult> flush_result_ = std::make_shared<FlushResult>();

  std::uint64_t dropped_ = 0;
  StringOutput key_out_, header_out_;
  std::vector<kafka::HeaderBytes> headers_;
  std::unordered_set<std::string> topics_;      // known to exist
  std::optional<Error> delivery_error_;
  std::size_t batches_ = 0;                     // of k_batch_bytes_max

  std::optional<Checkpoint> stored_first_;      // before the next record is sent
  std::optional<Checkpoint> pending_place_;     // to be stored, or being stored
  bool flushing_ = false;
  Clock::time_point flush_started_, next_flush_;
  std::optional<Checkpoint> stored_;            // what the offset store holds
  int failures_in_a_row_ = 0;
  int refusals_in_a_row_ = 0, attempts_max_ = 0;   // the last of them that had the same limit of attempts
  std::optional<TaskState> reported_;
};

Task::Impl::Impl(TaskSpec given)
    : spec_{std::move(given)},
      offset_key_{offset_key(spec_.connector, spec_.source->partition(spec_.config))},
      flush_interval_{spec_.worker.integer("offset.flush.interval.ms", 60'000)},
      counters_{spec_.figures->counters},
      tolerance_{spec_.config, spec_.connector + "-" + std::to_string(spec_.id), counters_} {
  paused_ = spec_.start_paused;
}

// The story of a task: prepare once; stream until told to stop; after a failure that may heal, wait and go on from
// what is stored; at the end wait for what is in flight and store its offset.
void Task::Impl::run() {
  Result<void> outcome = prepare();
  while (outcome && !stop_.requested()) {
    outcome = stream();
    if (outcome || stop_.requested()) break;
    if (delivery_error_) producer_->abandon();
    // What is in flight belongs to the old run: its acknowledgements give the offset that the next one starts from.
    drain(Clock::time_point::max());
    if (source_) source_->close(false);
    if (producer_->refused_batch() && batches_ + 1 < k_batch_bytes_max.size()) {
      ++batches_;
      task_log()->warn("Task {}-{}: {}", spec_.connector, spec_.id, outcome.error().trace());
    } else if (!wait_before_retry(outcome.error())) {
      break;
    }
    outcome = {};
    if (std::exchange(delivery_error_, std::nullopt)) outcome = make_producer();
  }
  drain(Clock::now() + k_stop_time_max);
  if (source_) source_->close(stop_.requested());
  if (!outcome && !stop_.requested()) {
    task_log()->error("Task {}-{} failed: {}", spec_.connector, spec_.id, outcome.error().trace());
    report(TaskState::failed, outcome.error().trace());
  } else {
    report(TaskState::stopped);
  }
}

// One run of the source, from its start to a stop or an error.
Result<void> Task::Impl::stream() {
  stored_first_.reset();
  MR_TRY(stored_, spec_.offsets->read(offset_key_));
  source_ = spec_.source->create(spec_.config, {.connector = spec_.connector, .stop = stop_,
                                                .progress = spec_.figures->progress});
  MR_CHECK(source_->open(stored_));
  next_flush_ = Clock::now() + flush_interval_;
  while (!stop_.requested()) MR_CHECK(turn());
  return source_->wind_down(*this);
}

// One turn: read and emit what is there, run delivery reports, store what is acknowledged, commit what is stored.
Result<void> Task::Impl::turn() {
  MR_CHECK(end_flush());   // first: a source may wait for it
  const bool paused = paused_.load(std::memory_order_relaxed);
  report(paused ? TaskState::paused : TaskState::running);
  if (paused || !ready()) {
    MR_CHECK(source_->keep_alive());
  } else {
    MR_CHECK(source_->read(*this));
  }
  producer_->poll();
  if (delivery_error_) return std::unexpected{*delivery_error_};
  if (Clock::now() >= next_flush_) begin_flush();
  wait();
  return {};
}

bool Task::Impl::ready() const {
  return flight_->slabs.ready() && !flight_->acks.full() && producer_->in_flight() < k_messages_max;
}

// Converter, producer. The value is written once, into memory that Kafka's client sends from.
Result<void> Task::Impl::emit(const Record& record) {
  counters_.records_polled.fetch_add(1, std::memory_order_relaxed);
  return transforms_.empty() ? write(*record.plan, record.tombstone, record) : emit_transformed(record);
}

// `record` gives slots, headers, partition and timestamp; its own plan is not asked.
Result<void> Task::Impl::write(const RecordPlan& plan, bool tombstone, const Record& record) {
  MR_TRY(CompiledPlan* compiled_plan, compiled(plan));
  const std::string& topic = plan.topic;

  std::optional<std::string_view> key;
  key_out_.clear();
  if (compiled_plan->key) {
    auto written = compiled_plan->key->write(record.slots, key_out_);
    if (!written) return tolerate(std::move(written.error()), topic, "KEY_CONVERTER");
    if (*written) key = key_out_.written();
  }
  if (auto made = make_headers(record.headers); !made) return tolerate(std::move(made.error()), topic, "HEADER_CONVERTER");
  std::optional<SlabRing::Piece> value;
  if (compiled_plan->value && !tombstone) {
    auto written = in_slab([&](Output& out) { return compiled_plan->value->write(record.slots, out); });
    if (!written) return tolerate(std::move(written.error()), topic, "VALUE_CONVERTER");
    value = *written;
  }
  if (!compiled_plan->topic_known) [[unlikely]] {
    MR_CHECK(know_topic(topic, value));
    compiled_plan->topic_known = true;
  }
  return produce({topic, record.partition, record.timestamp_ms}, key, value);
}

// Transforms that only route or reshape have made a plan of their own; the others see the record.
Result<void> Task::Impl::emit_transformed(const Record& record) {
  const FoldedPlan* plan = folds_ ? folded(transforms_, record) : nullptr;
  if (plan == nullptr) return emit_tree(record);
  if (!plan->dropped) return write(plan->plan, false, record);
  note_dropped();
  return {};
}

// The general path: the record as a tree, through the transforms, to the converters.
Result<void> Task::Impl::emit_tree(const Record& record) {
  auto transformed = transforms_.apply_next(record);
  if (!transformed) return tolerate(std::move(transformed.error()), record.plan->topic, "TRANSFORMATION");
  if (!*transformed) {
    note_dropped();
    return {};
  }
  const ConnectRecord& tree = **transformed;
  if (!envelope::is_topic_name(tree.topic))
    return tolerate({.text = "Invalid topics: [" + tree.topic + "]", .exception = std::string{k_invalid_topic_exception}}, tree.topic, "KAFKA_PRODUCE");

  std::optional<std::string_view> key;
  key_out_.clear();
  auto has_key = key_converter_->convert(tree.key_schema, tree.key, key_out_);
  if (!has_key) return tolerate(std::move(has_key.error()), tree.topic, "KEY_CONVERTER");
  if (*has_key) key = key_out_.written();
  if (auto made = make_headers(tree.headers); !made)
    return tolerate(std::move(made.error()), tree.topic, "HEADER_CONVERTER");
  auto value = in_slab([&](Output& out) { return value_converter_->convert(tree.value_schema, tree.value, out); });
  if (!value) return tolerate(std::move(value.error()), tree.topic, "VALUE_CONVERTER");
  MR_CHECK(know_topic(tree.topic, *value));
  return produce({tree.topic, tree.partition, tree.timestamp_ms}, key, *value);
}

// What `write` appends; none: Kafka's null.
Result<std::optional<SlabRing::Piece>> Task::Impl::in_slab(const auto& write) {
  Result<bool> written = write(flight_->slabs.begin());
  if (written && *written) return flight_->slabs.finish();
  flight_->slabs.abandon();
  if (!written) return std::unexpected{std::move(written.error())};
  return std::nullopt;
}

Result<void> Task::Impl::tolerate(Error error, const std::string& topic, std::string_view stage) {
  MR_CHECK(tolerance_.pass_over(std::move(error), topic, stage));
  ++dropped_;
  return {};
}

Result<void> Task::Impl::produce(const Address& to, std::optional<std::string_view> key,
                                 std::optional<SlabRing::Piece> value) {
  constexpr std::uint64_t k_no_slab = 0xFFFF;
  if (stored_first_) [[unlikely]] {
    if (auto stored = store_first(); !stored) {
      release(value);
      return stored;
    }
  }
  const std::uint64_t tag = flight_->acks.add() << 16 | (value ? value->slab : k_no_slab);
  while (true) {
    auto taken = producer_->produce(to.topic, to.partition, key, value ? std::optional{value->bytes} : std::nullopt,
                                    headers_, to.timestamp_ms, tag);
    if (!taken && tolerance_.passes_over_unsent(taken.error())) {
      release(value);
      flight_->acks.ack(tag >> 16);
      return {};
    }
    if (!taken) {   // the producer is of no more use, or this record never will be
      delivery_error_ = taken.error();
      return std::unexpected{std::move(taken.error())};
    }
    if (*taken) break;
    wait_on(-1, 0, Clock::now() + milliseconds{10});   // full: reports make room
    producer_->poll();
    if (stop_.requested()) return fail("stopped", Retry::yes);
  }
  counters_.records_written.fetch_add(1, std::memory_order_relaxed);
  if (value) counters_.bytes_written.fetch_add(value->bytes.size(), std::memory_order_relaxed);
  return {};
}

// Once in a snapshot: waits until that place is durable.
Result<void> Task::Impl::store_first() {
  checkpoint(*std::exchange(stored_first_, std::nullopt));
  while (true) {
    begin_flush();
    MR_CHECK(end_flush());
    if (settled()) return {};
    if (stop_.requested()) return fail("stopped", Retry::yes);
    MR_CHECK(source_->keep_alive());
    wait_on(-1, 0, Clock::now() + milliseconds{100});
    producer_->poll();
    if (delivery_error_) return std::unexpected{*delivery_error_};
  }
}

void Task::Impl::on_delivered(std::uint64_t tag, const Error* error) {
  if (const auto slab = static_cast<std::uint16_t>(tag & 0xFFFF); slab != 0xFFFF) flight_->slabs.release(slab);
  // A record that is not in Kafka stays unacknowledged, no offset behind it is ever stored; unless it is one to be passed over.
  if (error == nullptr || tolerance_.passes_over_unsent(*error)) flight_->acks.ack(tag >> 16);
  else if (!delivery_error_) delivery_error_ = *error;
}

// ---- Order of safety: acknowledged (AckTracker), then stored (begin_flush), then committed (end_flush). ----

void Task::Impl::begin_flush() {
  next_flush_ = Clock::now() + flush_interval_;
  if (flushing_) {
    if (Clock::now() - flush_started_ > milliseconds{spec_.worker.integer("offset.flush.timeout.ms", 5000)}) {
      counters_.commit_failures.fetch_add(1, std::memory_order_relaxed);
      task_log()->warn("Task {}-{}: storing the offset takes longer than offset.flush.timeout.ms; still waiting",
                       spec_.connector, spec_.id);
      flush_started_ = Clock::now();   // until it is said again
    }
    return;
  }
  if (auto place = flight_->acks.take_committable()) pending_place_ = std::move(place);
  if (!pending_place_) return;
  flushing_ = true;
  flush_started_ = Clock::now();
  spec_.offsets->write(offset_key_, *pending_place_,
                       [result = flush_result_](Result<void> stored) { result->put(std::move(stored)); });
}

Result<void> Task::Impl::end_flush() {
  const auto result = flush_result_->take();
  if (!result) return {};
  flushing_ = false;
  if (!*result) {   // kept, and stored with the next flush
    counters_.commit_failures.fetch_add(1, std::memory_order_relaxed);
    task_log()->warn("Task {}-{}: the offset could not be stored: {}", spec_.connector, spec_.id, result->error().text);
    return {};
  }
  counters_.commits.fetch_add(1, std::memory_order_relaxed);
  // A snapshot stores where it began, and starts over after a failure: that is no progress.
  if (!spec_.figures->progress.in_snapshot()) failures_in_a_row_ = refusals_in_a_row_ = 0;
  const Checkpoint durable = *std::exchange(pending_place_, std::nullopt);
  return source_->commit(durable.offset);
}

// ---- The rest is preparation and waiting. ----

Result<void> Task::Impl::prepare() {
  const auto converter = [this](std::string_view name) {
    const std::string setting = std::string{name} + ".converter";
    // A converter set by the connector counts alone; the worker's options are not merged into it.
    const Config& from = spec_.config.has(setting) ? spec_.config : spec_.worker;
    return std::pair{from.get(setting), from.with_prefix_stripped(setting + ".")};
  };
  const auto [key_class, key_options] = converter("key");
  const auto [value_class, value_options] = converter("value");
  auto [header_class, header_options] = converter("header");
  if (header_class.empty()) header_class = "org.apache.kafka.connect.storage.SimpleHeaderConverter";
  MR_TRY(key_converter_, make_converter(key_class, key_options));
  MR_TRY(value_converter_, make_converter(value_class, value_options));
  MR_TRY(header_converter_, make_header_converter(header_class, header_options));
  MR_TRY(transforms_, TransformChain::create(spec_.config, *spec_.source));
  folds_ = transforms_.follows_plan() && replaces_nulls(key_class, key_options) && replaces_nulls(value_class, value_options);
  MR_TRY(topic_rules_, TopicCreationRules::create(spec_.config, spec_.worker.boolean("topic.creation.enable", true)));

  return make_producer();
}

Result<void> Task::Impl::make_producer() {
  producer_.reset();   // before the memory that it sends from
  flight_ = std::make_unique<InFlight>();
  topics_.clear();
  kafka::ProducerOptions options;
  options.client_id = "connector-producer-" + spec_.connector + "-" + std::to_string(spec_.id);
  options.messages_max = k_messages_max;
  options.batch_bytes_max = k_batch_bytes_max[batches_];
  MR_TRY(options.settings, kafka::client_settings(kafka::task_producer(spec_.worker, spec_.config), kafka::ClientRole::producer));
  MR_TRY(options.admin_settings, kafka::client_settings(kafka::task_admin(spec_.worker, spec_.config), kafka::ClientRole::admin));
  MR_TRY(producer_, kafka::Producer::create(std::move(options), [this](std::uint64_t tag, const Error* error) {
    on_delivered(tag, error);
  }));
  return {};
}

// The first record of a plan: compiles it, and sees to its topic.
Result<CompiledPlan*> Task::Impl::compiled(const RecordPlan& plan) {
  if (plan.attachment) [[likely]] return static_cast<CompiledPlan*>(plan.attachment.get());
  auto made = std::make_unique<CompiledPlan>();
  if (plan.key) {
    MR_TRY(made->key, key_converter_->compile(*plan.key));
  }
  if (plan.value) {
    MR_TRY(made->value, value_converter_->compile(*plan.value));
  }
  plan.attachment = std::move(made);
  return static_cast<CompiledPlan*>(plan.attachment.get());
}

// The first record of a topic, and the memory of its value: one that does not convert makes no topic, as in Connect.
Result<void> Task::Impl::know_topic(const std::string& topic, const std::optional<SlabRing::Piece>& value) {
  if (topics_.contains(topic)) [[likely]] return {};
  if (auto made = ensure_topic(topic); !made) {
    release(value);
    return made;
  }
  topics_.insert(topic);
  if (spec_.listener.on_topic) spec_.listener.on_topic(topic);
  return {};
}

Result<void> Task::Impl::ensure_topic(const std::string& topic) {
  const auto started = Clock::now();
  auto next_log = started + std::chrono::seconds{10};
  while (true) {
    MR_TRY(const bool exists, producer_->ensure_topic(topic, topic_rules_.of_topic(topic), 200));
    if (exists) return {};
    if (stop_.requested()) return fail("stopped", Retry::yes);
    MR_CHECK(source_->keep_alive());
    producer_->poll();
    if (Clock::now() < next_log) continue;
    next_log = Clock::now() + std::chrono::seconds{60};
    task_log()->warn("Task {}-{} waits for topic {}: {}. Create it, set topic.creation.default.partitions and "
                     "topic.creation.default.replication.factor, or let the broker create topics "
                     "(auto.create.topics.enable)", spec_.connector, spec_.id, topic,
                     producer_->trouble().empty() ? "it does not exist" : producer_->trouble());
  }
}

Result<void> Task::Impl::make_headers(std::span<const Header> headers) {
  headers_.clear();
  if (headers.empty()) [[likely]] return {};
  header_out_.clear();
  std::vector<std::pair<std::size_t, std::optional<std::size_t>>> pieces;   // begin, size
  for (const Header& header : headers) {
    const std::size_t begin = header_out_.written().size();
    MR_TRY(const bool has_value, header_converter_->convert(header.schema, header.value, header_out_));
    pieces.emplace_back(begin, has_value ? std::optional{header_out_.written().size() - begin} : std::nullopt);
  }
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const auto [begin, size] = pieces[i];
    headers_.push_back({.name = headers[i].name,
                        .value = size ? std::optional{header_out_.written().substr(begin, *size)} : std::nullopt});
  }
  return {};
}

// Until the source, the producer, the control plane or a timer has something to do.
void Task::Impl::wait() {
  counters_.in_flight.store(producer_->in_flight(), std::memory_order_relaxed);
  const Readiness readiness = source_->readiness();
  const bool reading = ready() && !paused_.load(std::memory_order_relaxed);
  const auto soonest = std::min(readiness.deadline, std::min(next_flush_, Clock::now() + milliseconds{1000}));
  wait_on(reading ? readiness.fd : -1, readiness.events, soonest);
}

void Task::Impl::wait_on(int extra_fd, short extra_events, Clock::time_point deadline) {
  const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now()).count();
  std::array<pollfd, 4> fds{{{stop_.fd(), POLLIN, 0}, {flush_result_->wake().fd(), POLLIN, 0},
                             {producer_->fd(), POLLIN, 0}, {extra_fd, extra_events, 0}}};
  ::poll(fds.data(), extra_fd < 0 ? 3 : 4, static_cast<int>(std::max<std::int64_t>(0, left)));
  if (fds[1].revents != 0) flush_result_->wake().drain();
}

// Waits for every acknowledgement, then for the offset's storage and commit, as long as time allows. A stop request
// bounds the time in any case.
void Task::Impl::drain(Clock::time_point deadline) {
  if (!producer_ || !source_) return;
  const auto pump = [&] {
    if (stop_.requested()) deadline = std::min(deadline, Clock::now() + k_stop_time_max);
    pollfd fds[2] = {{flush_result_->wake().fd(), POLLIN, 0}, {producer_->fd(), POLLIN, 0}};
    ::poll(fds, 2, 10);
    flush_result_->wake().drain();
    producer_->poll();
  };
  while (producer_->in_flight() > 0 && !delivery_error_ && Clock::now() < deadline) pump();
  do {
    if (auto ended = end_flush(); !ended)   // the connection may be gone: the next run commits
      task_log()->debug("Commit at the end of a run: {}", ended.error().text);
    if (!flushing_) begin_flush();
    if (flushing_) pump();
  } while (flushing_ && Clock::now() < deadline);
}

// False: give up. Waits grow up to the configured one, so that a short interruption costs little.
bool Task::Impl::wait_before_retry(const Error& error) {
  ++failures_in_a_row_;
  refusals_in_a_row_ = error.attempts_max == attempts_max_ ? refusals_in_a_row_ + 1 : 1;
  attempts_max_ = error.attempts_max;
  counters_.source_retries.fetch_add(1, std::memory_order_relaxed);
  if (!error.retriable()) return false;
  const int retries_max = spec_.source->retries_max(spec_.config);
  if (error.attempts_max > 0 && refusals_in_a_row_ >= error.attempts_max) return false;
  if (retries_max >= 0 && failures_in_a_row_ > retries_max) return false;
  report(paused_ ? TaskState::paused : TaskState::running);
  const int doublings = std::min(failures_in_a_row_ - 1, 16);
  const milliseconds pause = std::min(spec_.source->retry_wait(spec_.config), k_first_retry_wait * (1L << doublings));
  task_log()->warn("Task {}-{}: {}; trying again in {} ms", spec_.connector, spec_.id, error.trace(), pause.count());
  const auto until = Clock::now() + pause;
  while (!stop_.requested() && Clock::now() < until) wait_on(-1, 0, until);
  return true;
}

void Task::Impl::report(TaskState state, const std::string& trace) {
  if (reported_ == state) return;
  reported_ = state;
  if (spec_.listener.on_state) spec_.listener.on_state(state, trace);
}

Task::Task(TaskSpec spec) : impl_{std::make_unique<Impl>(std::move(spec))} {}
Task::~Task() {
  request_stop();
  join();
}
void Task::start() {
  impl_->thread_ = std::thread{[impl = impl_.get()] { impl->run(); }};
}
void Task::request_stop() { impl_->stop_.request(); }
void Task::set_paused(bool paused) {
  impl_->paused_ = paused;
  impl_->flush_result_->wake().ring();
}
void Task::join() {
  if (impl_->thread_.joinable()) impl_->thread_.join();
}
const TaskCounters& Task::counters() const { return impl_->counters_; }

}  // namespace millrace
