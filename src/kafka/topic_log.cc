#include "kafka/topic_log.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <thread>
#include <utility>

#include "core/log.h"
#include "kafka/deadline.h"
#include "kafka/group_members.h"
#include "kafka/log_reader.h"
#include "kafka/log_writer.h"
#include "kafka/topic_admin.h"

namespace millrace::kafka {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int k_step_ms = 1000;          // one question to the brokers: open() notices a stop within this
constexpr int k_policy_ms = 2000;
constexpr int k_retry_ms = 1000;
constexpr milliseconds k_leader_wait{10'000};
constexpr std::chrono::minutes k_complaint_every{1};

std::shared_ptr<spdlog::logger> log_of_logs() { return logger("org.apache.kafka.connect.util.KafkaBasedLog"); }

// What the topic is for, as Connect's errors say it.
std::string purpose_of(const std::string& setting) {
  if (setting.starts_with("config.")) return "connector configurations";
  if (setting.starts_with("offset")) return "source connector offsets";
  return "connector and task statuses";
}

std::unexpected<Error> wrong_policy(const TopicLogSpec& spec, const std::string& found) {
  const std::string purpose = purpose_of(spec.setting);
  return fail("Topic '" + spec.topic + "' supplied via the '" + spec.setting +
                  "' property is required to have 'cleanup.policy=compact' to guarantee consistency and durability of " +
                  purpose + ", but found the topic currently has 'cleanup.policy=" + found +
                  "'. Continuing would likely result in eventually losing " + purpose +
                  " and problems restarting this Connect cluster in the future. Change the '" + spec.setting +
                  "' property in the Connect worker configurations to use a topic with 'cleanup.policy=compact'.",
              Retry::no, k_config_exception);
}

std::unexpected<Error> too_many_partitions(const TopicLogSpec& spec, int found) {
  return fail("Topic '" + spec.topic + "' supplied via the '" + spec.setting +
                  "' property is required to have a single partition in order to guarantee consistency of " +
                  purpose_of(spec.setting) + ", but found " + std::to_string(found) + " partitions.",
              Retry::no, k_config_exception);
}

// Reader and writer, shared by the logs so that the order of destruction does not matter to their users.
struct Clients {
  std::string servers;
  std::unique_ptr<LogWriter> writer;
  std::unique_ptr<LogReader> reader;   // uses the writer
};

// -------------------------------------------------------------------------------------------------- one log

class Log final : public TopicLog {
 public:
  Log(std::shared_ptr<Clients> clients, std::shared_ptr<FollowedTopic> topic)
      : clients_{std::move(clients)}, topic_{std::move(topic)} {}
  ~Log() override {
    const std::scoped_lock lock{topic_->calling};
    topic_->on_record = nullptr;
  }

  Result<void> read_to_end(int timeout_ms) override {
    const auto deadline = Clock::now() + milliseconds{timeout_ms};
    for (;;) {
      if (clients_->reader->closed()) return closed();
      auto ends = clients_->writer->ends({{topic_->name, topic_->positions.size()}},
                                         std::max(1, std::min(left_ms(deadline), 5 * k_step_ms)));
      if (ends) return wait_for(*ends, deadline);
      if (!ends.error().retriable() || left_ms(deadline) == 0) return std::unexpected{std::move(ends).error()};
      std::this_thread::sleep_for(std::min(milliseconds{100}, milliseconds{left_ms(deadline)}));
    }
  }

  void write(std::string key, std::optional<std::string> value, std::string_view mark,
             std::function<void(Result<std::int64_t>)> done) override {
    clients_->writer->write(topic_->name, key, value, mark, [done = std::move(done)](Result<Acknowledged> result) {
      if (result) {
        done(result->kafka_offset);
      } else {
        done(std::unexpected{std::move(result).error()});
      }
    });
  }

  Result<void> write_and_read_back(std::string key, std::optional<std::string> value, int timeout_ms) override {
    struct Answer {
      std::mutex mutex;
      std::condition_variable came;
      std::optional<Result<Acknowledged>> result;
    };
    const auto deadline = Clock::now() + milliseconds{timeout_ms};
    const auto answer = std::make_shared<Answer>();   // may come after the time is up
    clients_->writer->write(topic_->name, key, value, {}, [answer](Result<Acknowledged> result) {
      const std::scoped_lock lock{answer->mutex};
      answer->result = std::move(result);
      answer->came.notify_all();
    });
    {
      std::unique_lock lock{answer->mutex};
      if (!answer->came.wait_until(lock, deadline, [&] { return answer->result.has_value(); }))
        return timed_out("write to");
      if (!*answer->result) return std::unexpected{std::move(*answer->result).error()};
    }
    std::vector<std::int64_t> targets(topic_->positions.size(), 0);
    const Acknowledged& written = **answer->result;
    targets.at(static_cast<std::size_t>(written.partition)) = written.kafka_offset + 1;
    return wait_for(targets, deadline);
  }

 private:
  Result<void> wait_for(const std::vector<std::int64_t>& targets, Deadline deadline) {
    if (clients_->reader->wait_for(*topic_, targets, deadline)) return {};
    return clients_->reader->closed() ? closed() : timed_out("read to the end of");
  }
  std::unexpected<Error> timed_out(const std::string& action) const {
    const std::string reason = clients_->reader->trouble();
    return fail("Timed out trying to " + action + " topic '" + topic_->name + "' (bootstrap.servers=" +
                    clients_->servers + ")" + (reason.empty() ? "" : ": " + reason),
                Retry::yes);
  }
  std::unexpected<Error> closed() const {
    return fail("Topic '" + topic_->name + "' is no longer read: the worker is stopping", Retry::yes);
  }

  std::shared_ptr<Clients> clients_;
  std::shared_ptr<FollowedTopic> topic_;
};

// ----------------------------------------------------------------------------------------------------- open

// One line when the brokers do not answer, one each minute while it lasts, one when they do again. Not within the
// first second: a new topic's partitions need a moment.
class Complaint {
 public:
  void say(const std::string& servers, const std::string& reason) {
    const auto now = Clock::now();
    if (now < next_) return;
    next_ = now + k_complaint_every;
    said_ = true;
    log_of_logs()->warn("Kafka cannot be used yet (bootstrap.servers={}): {}; trying again", servers, reason);
  }
  void over(const std::string& servers) const {
    if (said_) log_of_logs()->info("Kafka can be used again (bootstrap.servers={})", servers);
  }

 private:
  Clock::time_point next_ = Clock::now() + std::chrono::seconds{1};
  bool said_ = false;
};

class Logs final : public KafkaLogs {
 public:
  explicit Logs(std::shared_ptr<Clients> clients) : clients_{std::move(clients)} {}
  ~Logs() override {
    clients_->reader->close();
    clients_->writer->close();   // last: its reports come on the reader's thread, or here
  }

  Result<std::string> cluster_id(int timeout_ms) override {
    char* id = rd_kafka_clusterid(clients_->reader->client(), timeout_ms);
    if (id == nullptr) {
      const std::string reason = clients_->reader->trouble();
      return fail("Failed to connect to and describe Kafka cluster (bootstrap.servers=" + clients_->servers +
                      "). Check worker's broker connection and security properties." +
                      (reason.empty() ? "" : " Last reason: " + reason),
                  Retry::yes);
    }
    std::string out{id};
    rd_kafka_mem_free(clients_->reader->client(), id);
    return out;
  }

  Result<std::vector<std::string>> connect_workers(const std::string& group, int timeout_ms) override {
    return clients_->writer->group_members(group, k_connect_protocol, timeout_ms);
  }

  Result<std::vector<std::unique_ptr<TopicLog>>> open(std::vector<TopicLogSpec> specs,
                                                      const StopSignal& stop) override {
    std::vector<std::shared_ptr<FollowedTopic>> topics;
    for (const TopicLogSpec& spec : specs) {
      MR_TRY(topics.emplace_back(), clients_->reader->follow(spec.topic));
    }
    Complaint complaint;
    for (int pause_ms = 20;; pause_ms = std::min(pause_ms * 2, k_retry_ms)) {
      auto ends = find(specs, topics, stop);
      if (ends) {
        complaint.over(clients_->servers);
        return read(std::move(specs), std::move(topics), *ends);
      }
      if (!ends.error().retriable()) return std::unexpected{std::move(ends).error()};
      if (stop.requested()) break;
      const std::string reason = clients_->reader->trouble();
      complaint.say(clients_->servers, ends.error().text + (reason.empty() ? "" : " (" + reason + ")"));
      if (stop.requested_within(milliseconds{pause_ms})) break;
    }
    return fail("The worker was stopped before Kafka could be used", Retry::yes);
  }

 private:
  using Topics = std::vector<std::shared_ptr<FollowedTopic>>;

  // Makes and checks all topics; gives the ends of all partitions.
  Result<std::vector<std::int64_t>> find(const std::vector<TopicLogSpec>& specs, const Topics& topics,
                                         const StopSignal& stop) {
    std::vector<TopicSize> sizes;
    for (std::size_t i = 0; i < specs.size(); ++i) {
      if (!topics[i]->positions.empty()) continue;   // found in an earlier attempt
      MR_TRY(const TopicState state, existing(specs[i], *topics[i], stop));
      if (specs[i].single_partition && state.partitions > 1) return too_many_partitions(specs[i], state.partitions);
      MR_CHECK(check_policy(specs[i]));
      topics[i]->positions.assign(static_cast<std::size_t>(state.partitions), 0);
      clients_->writer->prepare(specs[i].topic);
    }
    for (const auto& topic : topics) sizes.push_back({topic->name, topic->positions.size()});
    return clients_->writer->ends(sizes, k_step_ms);
  }

  Result<TopicState> existing(const TopicLogSpec& spec, FollowedTopic& topic, const StopSignal& stop) {
    rd_kafka_t* const client = clients_->reader->client();
    MR_TRY(TopicState state, topic_state(client, topic.handle.get(), k_step_ms));
    if (state.partitions == 0) MR_CHECK(create(spec));
    const auto deadline = Clock::now() + k_leader_wait;
    for (milliseconds pause{5}; !state.has_leaders; pause = std::min(pause * 2, milliseconds{200})) {
      if (Clock::now() > deadline || stop.requested_within(pause))
        return fail("topic '" + spec.topic + "' has partitions without a leader", Retry::yes);
      MR_TRY(state, topic_state(client, topic.handle.get(), k_step_ms));
    }
    return state;
  }

  Result<void> create(const TopicLogSpec& spec) {
    TopicCreation creation{.partitions = spec.partitions, .replication_factor = spec.replication_factor};
    for (const auto& [name, value] : spec.config)
      if (name != "cleanup.policy") creation.config.emplace_back(name, value);
    creation.config.emplace_back("cleanup.policy", "compact");
    auto created = create_topic(clients_->reader->client(), spec.topic, creation, 5 * k_step_ms);
    if (!created) return std::unexpected{std::move(created).error()};
    if (*created == Created::yes) {
      log_of_logs()->info("Created topic '{}' of '{}'", spec.topic, spec.setting);
    } else if (*created == Created::not_allowed) {
      log_of_logs()->warn("Not authorized to create topic '{}' of '{}': it must be created by somebody else, with "
                          "cleanup.policy=compact",
                          spec.topic, spec.setting);
      clients_->writer->prepare(spec.topic);   // lets the broker create it, where it may
    }
    return {};
  }

  Result<void> check_policy(const TopicLogSpec& spec) {
    const auto policy = topic_setting(clients_->reader->client(), spec.topic, "cleanup.policy", k_policy_ms);
    if (!policy && !policy.error().retriable()) return std::unexpected{policy.error()};
    if (!policy || !*policy) {   // some stand-ins for Kafka have no controller to ask: no reason not to work with them
      log_of_logs()->info("Unable to use admin client to verify the cleanup policy of '{}' topic is 'compact', either "
                          "because the broker is an older version or because the Kafka principal used for Connect "
                          "internal topics does not have the required permission to describe topic configurations.{}",
                          spec.topic, policy ? "" : " (" + policy.error().text + ")");
      return {};
    }
    if (**policy != "compact") return wrong_policy(spec, **policy);
    return {};
  }

  Result<std::vector<std::unique_ptr<TopicLog>>> read(std::vector<TopicLogSpec> specs, Topics topics,
                                                      const std::vector<std::int64_t>& ends) {
    std::vector<std::unique_ptr<TopicLog>> logs;
    for (std::size_t i = 0; i < specs.size(); ++i) {
      topics[i]->on_record = std::move(specs[i].on_record);
      logs.push_back(std::make_unique<Log>(clients_, topics[i]));
    }
    MR_CHECK(clients_->reader->start(topics, ends));
    return logs;
  }

  std::shared_ptr<Clients> clients_;
};

}  // namespace

Result<std::unique_ptr<KafkaLogs>> KafkaLogs::create(const Config& worker_client, std::string client_id_prefix) {
  MR_TRY(ClientSettings consumer, client_settings(worker_client, ClientRole::consumer));
  MR_TRY(ClientSettings producer, client_settings(worker_client, ClientRole::producer));
  consumer.emplace_back("client.id", (client_id_prefix + "internal-reader").substr(0, 200));
  producer.emplace_back("client.id", (client_id_prefix + "internal-writer").substr(0, 200));
  producer.emplace_back("linger.ms", "0");             // single records that somebody waits for
  producer.emplace_back("message.timeout.ms", "0");    // as Connect: without end
  auto clients = std::make_shared<Clients>();
  clients->servers = setting_of(consumer, "bootstrap.servers");
  MR_TRY(clients->writer, LogWriter::create(std::move(producer)));
  MR_TRY(clients->reader, LogReader::create(std::move(consumer), *clients->writer));
  return std::unique_ptr<KafkaLogs>{std::make_unique<Logs>(std::move(clients))};
}

}  // namespace millrace::kafka
