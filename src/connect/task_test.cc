#include "connect/task.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "kafka/mock_kafka.h"

namespace millrace {
namespace {

using std::chrono::seconds;
constexpr auto k_patience = seconds{30};

// What the fake source does and what is seen of it, shared between the test and the task's thread. A
// SourceRegistration holds plain functions, so there is one script at a time.
struct Script {
  std::mutex mutex;
  std::condition_variable changed;
  int records = 0;                        // to emit, in all
  int emitted = 0;
  int null_at = -1;                       // that record is null where its schema allows none
  bool begins = false;                    // {"n":0} is to be durable before the first record is sent
  std::vector<std::string> durable_at_first{};   // what was durable when the first record was sent
  int large_at = -1;                      // that record is larger than 2 000 bytes
  std::vector<Error> open_errors{};       // once each, in order
  bool in_snapshot = false;               // begins with the first record whatever is stored
  int refusals = 0;                       // read errors when `error_at` records are emitted
  std::optional<Error> read_error{};      // once, when `error_at` records are emitted
  int error_at = -1;
  std::vector<std::string> opened_at;     // offsets given to open(); "none"
  std::vector<std::string> committed;
  std::vector<std::string> durable;       // what the offset store has acknowledged, in order
  std::vector<std::string> violations;
  std::vector<TaskState> states;
  std::string trace;
  int reads_while_paused = 0, turns_while_paused = 0;
  bool paused = false;

  template <typename F>
  void change(F f) {
    {
      const std::lock_guard lock{mutex};
      f();
    }
    changed.notify_all();
  }
  template <typename F>
  bool wait(F f) {
    std::unique_lock lock{mutex};
    return changed.wait_for(lock, k_patience, f);
  }
};
Script* script = nullptr;
const Error k_refusal{.text = "not authorized", .retry = Retry::yes, .attempts_max = 3};

SchemaPtr plain_text() {
  static const SchemaPtr schema = std::make_shared<Schema>(Schema{.type = Type::string});
  return schema;
}

// Emits "0", "1", ...; after each the offset {"n":<next>}.
class FakeSource final : public Source {
 public:
  FakeSource() {
    plan_.topic = "events";
    plan_.key = Shape::of_slot(plain_text(), 0);
    plan_.value = Shape::of_slot(plain_text(), 0);
    plan_.slot_count = 1;
  }
  Result<void> open(const std::optional<Checkpoint>& stored) override {
    next_ = stored && !script->in_snapshot ? std::stoi(stored->offset.substr(5)) : 0;
    std::optional<Error> error;
    script->change([&] {
      script->opened_at.push_back(stored ? stored->offset : "none");
      if (script->open_errors.empty()) return;
      error = std::move(script->open_errors.front());
      script->open_errors.erase(script->open_errors.begin());
    });
    if (error) return std::unexpected{*error};
    return {};
  }
  Result<void> read(RecordSink& sink) override {
    int until = 0;
    script->change([&] {
      until = script->records;
      script->reads_while_paused += script->paused;
    });
    for (int i = 0; i < 50 && next_ < until && sink.ready(); ++i) {
      const int n = next_++;
      const std::string text = n == script->large_at ? std::string(2'000, 'x') : std::to_string(n);
      const Datum slots[] = {n == script->null_at ? Datum::null() : Datum::string(text)};
      if (script->begins && n == 0) sink.store_before_next({.offset = "{\"n\":0}", .shown = false});
      MR_CHECK(sink.emit({.plan = &plan_, .slots = slots}));
      if (n == 0) script->change([&] { script->durable_at_first = script->durable; });
      sink.checkpoint({"{\"n\":" + std::to_string(next_) + "}"});
      std::optional<Error> error;
      script->change([&] {
        script->emitted = std::max(script->emitted, next_);
        if (script->error_at != next_) return;
        error = std::exchange(script->read_error, std::nullopt);
        if (!error && script->refusals > 0 && script->refusals-- > 0) error = k_refusal;
      });
      if (error) return std::unexpected{*error};
    }
    return {};
  }
  Readiness readiness() const override {
    return {.fd = -1, .events = 0, .deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds{2}};
  }
  Result<void> wind_down(RecordSink&) override { return {}; }
  Result<void> commit(std::string_view offset) override {
    script->change([&] {
      // The order of safety: the store has acknowledged this very offset, and it is the last one it has.
      if (script->durable.empty() || script->durable.back() != offset) script->violations.emplace_back(offset);
      script->committed.emplace_back(offset);
    });
    return {};
  }
  Result<void> keep_alive() override {
    script->change([] { script->turns_while_paused += script->paused; });
    return {};
  }
  void close(bool) override {}

 private:
  RecordPlan plan_;
  int next_ = 0;
};

const ConfigDef& empty_def() {
  static const ConfigDef def{{}};
  return def;
}

const SourceRegistration k_source{
    .connector_class = "fake",
    .task_class = "fake",
    .version = "1",
    .config_def = empty_def,
    .check = nullptr,
    .validate = nullptr,
    .partition = [](const Config&) { return std::string{"{\"server\":\"s\"}"}; },
    .retry_wait = [](const Config&) { return std::chrono::milliseconds{20}; },
    .retries_max = [](const Config&) { return -1; },
    .create = [](const Config&, const SourceContext& context) -> std::unique_ptr<Source> {
      context.progress.snapshot_began_ms.set(script->in_snapshot);
      return std::make_unique<FakeSource>();
    }};

// Answers from a thread of its own, as the topic's store does.
class ThreadedOffsets final : public OffsetStore {
 public:
  ~ThreadedOffsets() override {
    for (std::thread& writer : writers_) writer.join();
  }
  Result<std::optional<Checkpoint>> read(const std::string&) override {
    const std::lock_guard lock{script->mutex};
    if (script->durable.empty()) return std::optional<Checkpoint>{};
    return Checkpoint{script->durable.back()};
  }
  void write(std::string, std::optional<Checkpoint> place, std::function<void(Result<void>)> done) override {
    writers_.emplace_back([offset = place.value().offset, done = std::move(done)] {
      script->change([&] { script->durable.push_back(offset); });
      done({});
    });
  }
  Result<std::vector<std::pair<std::string, Checkpoint>>> of_connector(const std::string&) override { return {}; }

 private:
  std::vector<std::thread> writers_;
};

class TaskTest : public testing::Test {
 protected:
  TaskTest() { script = &script_; }

  std::unique_ptr<Task> make_task(Config connector = {}) {
    Config worker;
    worker.set("bootstrap.servers", kafka_.servers());
    worker.set("key.converter", "org.apache.kafka.connect.json.JsonConverter");
    worker.set("value.converter", "org.apache.kafka.connect.json.JsonConverter");
    worker.set("offset.flush.interval.ms", "20");
    TaskListener listener;
    listener.on_state = [this](TaskState state, const std::string& trace) {
      script_.change([&] {
        script_.states.push_back(state);
        if (!trace.empty()) script_.trace = trace;
      });
    };
    return std::make_unique<Task>(TaskSpec{.connector = "c", .id = 0, .config = std::move(connector), .worker = worker, .source = &k_source,
                                           .offsets = &offsets_, .start_paused = false, .listener = listener});
  }
  bool committed(int n) {
    const std::string offset = "{\"n\":" + std::to_string(n) + "}";
    return script_.wait([&] { return !script_.committed.empty() && script_.committed.back() == offset; });
  }
  // The third of ten records does not pass: the task fails, and no offset passes that record.
  void expect_failure_at_the_third(Config connector, const char* trace) {
    script_.records = 10;
    const auto task = make_task(std::move(connector));
    task->start();
    EXPECT_TRUE(reached(TaskState::failed));
    EXPECT_THAT(script_.trace, testing::HasSubstr(trace));
    for (const std::string& offset : script_.durable) EXPECT_THAT(offset, testing::AnyOf("{\"n\":1}", "{\"n\":2}"));
  }
  // Of ten records that many do not pass, and errors.tolerance=all passes over them.
  void expect_passed_over(Config connector, std::uint64_t count) {
    script_.records = 10;
    connector.set("errors.tolerance", "all");
    const auto task = make_task(std::move(connector));
    task->start();
    EXPECT_TRUE(committed(10));
    EXPECT_EQ(task->counters().records_written.load(), 10u - count);
    EXPECT_EQ(task->counters().records_filtered.load(), count);
  }
  bool reached(TaskState state) {
    return script_.wait([&] { return !script_.states.empty() && script_.states.back() == state; });
  }

  Script script_;
  kafka::MockKafka kafka_;
  ThreadedOffsets offsets_;
};

TEST_F(TaskTest, CommitsOnlyWhatIsDurable) {
  script_.records = 2000;
  const auto task = make_task();
  task->start();
  EXPECT_TRUE(committed(2000));
  task->request_stop();
  task->join();
  EXPECT_THAT(script_.violations, testing::IsEmpty());
  EXPECT_EQ(task->counters().records_written.load(), 2000u);
  EXPECT_THAT(script_.states, testing::ElementsAre(TaskState::running, TaskState::stopped));
}

TEST_F(TaskTest, AStopStoresAndCommitsWhatIsAcknowledged) {
  script_.records = 1'000'000;
  const auto task = make_task();
  task->start();
  ASSERT_TRUE(script_.wait([&] { return script_.emitted > 500; }));
  task->request_stop();
  task->join();
  EXPECT_EQ(script_.committed.back(), "{\"n\":" + std::to_string(script_.emitted) + "}");
  EXPECT_THAT(script_.violations, testing::IsEmpty());
}

TEST_F(TaskTest, ARetriableErrorGoesOnFromTheStoredOffsetAndStaysRunning) {
  script_.records = 300;
  script_.read_error = Error{.text = "the server went away", .retry = Retry::yes};
  script_.error_at = 120;
  const auto task = make_task();
  task->start();
  EXPECT_TRUE(committed(300));
  EXPECT_THAT(script_.opened_at, testing::ElementsAre("none", "{\"n\":120}"));
  EXPECT_EQ(task->counters().records_written.load(), 300u);   // nothing twice
  EXPECT_THAT(script_.states, testing::ElementsAre(TaskState::running));
}

TEST_F(TaskTest, AnErrorThatNoRetryHealsFailsTheTaskWithItsTrace) {
  script_.open_errors = {{.text = "no such slot", .exception = std::string{k_debezium_exception}}};
  const auto task = make_task();
  task->start();
  EXPECT_TRUE(reached(TaskState::failed));
  EXPECT_THAT(script_.trace, testing::StartsWith("io.debezium.DebeziumException: no such slot\n\tat "));
}

TEST_F(TaskTest, AnErrorWithATryLimitFailsAfterIt) {
  script_.open_errors = {{.text = "syntax error", .retry = Retry::yes, .attempts_max = 1}};
  const auto task = make_task();
  task->start();
  EXPECT_TRUE(reached(TaskState::failed));
  EXPECT_EQ(script_.opened_at.size(), 1u);
}

TEST_F(TaskTest, AFirstRefusalAfterALongOutageIsTriedAgain) {
  const Error outage{.text = "connection refused", .retry = Retry::yes};
  script_.records = 10;
  script_.open_errors = {outage, outage, outage, outage, k_refusal, k_refusal, outage, k_refusal, k_refusal};
  const auto task = make_task();
  task->start();
  EXPECT_TRUE(committed(10));
  EXPECT_THAT(script_.states, testing::ElementsAre(TaskState::running));
}

// What a snapshot stores at its beginning is no progress: it would begin anew for ever, with the same records each time.
TEST_F(TaskTest, ASnapshotThatIsRefusedEachTimeFailsTheTask) {
  script_.records = 10;
  script_.in_snapshot = true;
  script_.error_at = 5;
  script_.refusals = 20;
  const auto task = make_task();
  task->start();
  EXPECT_TRUE(reached(TaskState::failed));
  EXPECT_EQ(script_.opened_at.size(), 3u);
  EXPECT_FALSE(script_.durable.empty());
}

TEST_F(TaskTest, ARecordThatCannotBeConvertedFailsTheTaskAndNoOffsetPassesIt) {
  script_.null_at = 2;
  expect_failure_at_the_third({}, "Tolerance exceeded in error handler");
}

TEST_F(TaskTest, ErrorsToleranceAllPassesOverARecordThatCannotBeConverted) {
  script_.null_at = 2;
  expect_passed_over({}, 1);
}

TEST_F(TaskTest, ThePlaceWhereASnapshotBeginsIsDurableBeforeItsFirstRecord) {
  script_.records = 10;
  script_.begins = true;
  const auto task = make_task();
  task->start();
  EXPECT_TRUE(committed(10));
  EXPECT_THAT(script_.durable_at_first, testing::ElementsAre("{\"n\":0}"));
  EXPECT_THAT(script_.violations, testing::IsEmpty());
}

TEST_F(TaskTest, NoPlaceIsStoredForASnapshotWhoseFirstRecordFails) {
  script_.records = 10;
  script_.begins = true;
  script_.null_at = 0;
  const auto task = make_task();
  task->start();
  EXPECT_TRUE(reached(TaskState::failed));
  EXPECT_THAT(script_.durable, testing::IsEmpty());
}

Config small_requests() {
  Config connector;
  connector.set("producer.override.max.request.size", "1500");
  return connector;
}

TEST_F(TaskTest, ARecordThatIsTooLargeFailsTheTaskAndNoOffsetPassesIt) {
  script_.large_at = 2;
  expect_failure_at_the_third(small_requests(), "Caused by: org.apache.kafka.common.errors.RecordTooLargeException");
}

TEST_F(TaskTest, ErrorsToleranceAllPassesOverARecordThatIsTooLarge) {
  script_.large_at = 2;
  expect_passed_over(small_requests(), 1);
}

// The broker's topic takes less than our largest batches: Kafka's Java client, with its small ones, would not notice.
TEST_F(TaskTest, ARefusedBatchIsSentAgainInSmallerOnes) {
  script_.records = 10;
  kafka_.next_answers(kafka::k_produce_request, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
  Config connector;
  connector.set("errors.max.retries", "0");
  const auto task = make_task(std::move(connector));
  task->start();
  EXPECT_TRUE(committed(10));
  EXPECT_EQ(script_.opened_at.size(), 2u);
}

Config routed_to(const char* topic) {
  Config connector;
  connector.set("transforms", "route");
  connector.set("transforms.route.type", "org.apache.kafka.connect.transforms.RegexRouter");
  connector.set("transforms.route.regex", ".*");
  connector.set("transforms.route.replacement", topic);
  return connector;
}

TEST_F(TaskTest, ARecordForATopicThatNoBrokerTakesFailsTheTask) {
  script_.records = 10;
  const auto task = make_task(routed_to("with space"));
  task->start();
  EXPECT_TRUE(reached(TaskState::failed));
  EXPECT_THAT(script_.trace, testing::HasSubstr("Caused by: org.apache.kafka.common.errors.InvalidTopicException: Invalid topics: [with space]"));
  EXPECT_THAT(script_.durable, testing::IsEmpty());
}

TEST_F(TaskTest, ErrorsToleranceAllPassesOverARecordForATopicThatNoBrokerTakes) {
  expect_passed_over(routed_to("with space"), 10);
}

TEST_F(TaskTest, APausedTaskReadsNothingUntilItIsResumed) {
  const auto task = make_task();
  task->start();
  ASSERT_TRUE(reached(TaskState::running));
  task->set_paused(true);
  ASSERT_TRUE(reached(TaskState::paused));
  script_.change([&] {
    script_.paused = true;
    script_.records = 10;
  });
  EXPECT_TRUE(script_.wait([&] { return script_.turns_while_paused > 2; }));
  script_.change([&] { script_.paused = false; });
  task->set_paused(false);
  EXPECT_TRUE(committed(10));
  task->request_stop();
  task->join();
  EXPECT_EQ(script_.reads_while_paused, 0);
}

}  // namespace
}  // namespace millrace
