// Source is a database that changes: it gives records and the offsets that belong to them.
// Everything is called from the task's thread; nothing blocks but open(), which returns early when stop is set.
//
// The contract of safety: a source calls checkpoint(place) only when a restart from that place would neither
// skip nor lose a record (all records emitted so far lie before it, all later ones after it). The sink calls
// commit(offset) only with an offset that Kafka has acknowledged in the offset store, and only then may the
// source let its server forget what lies before.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/config.h"
#include "core/error.h"
#include "core/record.h"
#include "core/transform.h"
#include "core/wake.h"
#include "core/wall_clock.h"

namespace millrace {

// A place to go on from, as the offset store keeps it.
struct Checkpoint {
  std::string offset;   // JSON text of the offset map, in the source's order
  bool whole = true;    // nothing that belongs to the place is still to come. Of an offset that another wrote it is not known
  bool shown = true;    // by REST. Not the one that says that a snapshot has begun: as in Connect, no offset is there before a record
  bool operator==(const Checkpoint&) const = default;
};

class RecordSink {
 public:
  virtual ~RecordSink() = default;

  // Room for one more message's records? When false the source stops reading; its server waits.
  virtual bool ready() const = 0;
  // Transforms, converts and enqueues. An error here fails the task.
  virtual Result<void> emit(const Record& record) = 0;
  // Records emitted so far that went nowhere: dropped by a transform, passed over by errors.tolerance. As in Connect, the
  // stored position does not move for them.
  virtual std::uint64_t dropped() const { return 0; }
  // All records emitted so far are covered by its offset.
  virtual void checkpoint(Checkpoint place) = 0;
  // A snapshot begins: `place`, which says so, is durable before the next record is sent, so that one that is taken anew after a
  // crash is known as such, and what was deleted in between comes before it. Not stored if no record is sent until the next
  // checkpoint.
  virtual void store_before_next(Checkpoint place) = 0;
  // The server is waiting (it shuts down): store what can be stored now, not at the next interval.
  virtual void flush_soon() = 0;
  // True when every emitted record is acknowledged and every checkpoint is durable and committed.
  virtual bool settled() const = 0;
};

// What the task waits for before it calls read() again.
struct Readiness {
  int fd = -1;                                     // -1: none
  short events = 0;                                // as poll(2) takes them
  std::chrono::steady_clock::time_point deadline;  // call read() by then in any case
};

class Source {
 public:
  virtual ~Source() = default;

  // Connects and finds its start. None is stored at the first one.
  virtual Result<void> open(const std::optional<Checkpoint>& stored) = 0;
  // Emits what has arrived, until nothing is left, the sink is not ready, or some milliseconds have passed.
  virtual Result<void> read(RecordSink& sink) = 0;
  virtual Readiness readiness() const = 0;
  // Told to stop: reads on only as far as the next checkpoint needs, for some hundred milliseconds at most.
  virtual Result<void> wind_down(RecordSink& sink) = 0;
  // This offset is durable in the offset store: the server may forget what lies before it.
  virtual Result<void> commit(std::string_view offset) = 0;
  // Only what must not wait: answers the server's keepalives while the sink is not ready or Kafka is away.
  virtual Result<void> keep_alive() = 0;
  // Ends all connections; no error matters any more. orderly: a stop that was asked for, not a failure.
  virtual void close(bool orderly) = 0;
};

// A number that one thread writes and any thread reads, each for itself: no locked instruction on the hot path.
class Figure {
 public:
  void set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }
  void add(std::int64_t count = 1) { set(get() + count); }
  std::int64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

// How far a source is, for metrics (docs/operations.md has their names). The source writes, from the task's thread; times
// are milliseconds since 1970, 0: not yet. It belongs to the task and outlives every source of it.
struct SourceProgress {
  Figure connected;                         // 1: the server is sending changes
  Figure creates, updates, deletes;         // changes read while streaming, skipped ones too
  Figure filtered;                          // of them, not emitted (skipped.operations)
  Figure transactions;
  Figure last_event_ms;                     // when the last change was read, by our clock
  Figure last_source_ms;                    // when it happened, by the database's clock

  Figure snapshot_began_ms, snapshot_ended_ms;   // of the last one: began and not ended means that it runs
  Figure snapshot_completed;                     // 1: it ended with all rows read
  Figure snapshot_tables, snapshot_tables_done, snapshot_rows;

  void begin_snapshot(std::size_t tables) {
    snapshot_tables.set(static_cast<std::int64_t>(tables));
    for (Figure* figure : {&snapshot_tables_done, &snapshot_rows, &snapshot_completed, &snapshot_ended_ms}) figure->set(0);
    snapshot_began_ms.set(wall_clock_ms());
  }
  void end_snapshot() { snapshot_ended_ms.set(wall_clock_ms()); }
  bool in_snapshot() const { return snapshot_began_ms.get() != 0 && snapshot_ended_ms.get() == 0; }
};

struct SourceContext {
  std::string connector;            // name, for logs
  const StopSignal& stop;
  SourceProgress& progress;
};

// What all Debezium connectors say of them.
inline std::chrono::milliseconds restart_wait(const Config& config) {
  return std::chrono::milliseconds{config.integer("retriable.restart.connector.wait.ms", 10'000)};
}
inline int restarts_max(const Config& config) { return static_cast<int>(config.integer("errors.max.retries", -1)); }

// One line of the list of sources: all that worker and REST know of a connector class.
struct SourceRegistration {
  std::string_view connector_class;      // io.debezium.connector.postgresql.PostgresConnector
  std::string_view task_class;           // io.debezium.connector.postgresql.PostgresConnectorTask
  std::string_view version;              // 2.7.0.Final
  const ConfigDef& (*config_def)();
  // Checks beyond the ConfigDef that need no server; null: none. Adds errors.
  void (*check)(const Config& config, ConfigErrors& errors);
  // The checks that need one: a test connection. Adds errors to those found so far.
  void (*validate)(const Config& config, ConfigErrors& errors);
  // JSON text of the source partition, the second half of an offset's key: {"server":"postgres"}.
  std::string (*partition)(const Config& config);
  std::chrono::milliseconds (*retry_wait)(const Config& config) = restart_wait;   // between retriable failures
  int (*retries_max)(const Config& config) = restarts_max;                        // -1: no limit
  std::unique_ptr<Source> (*create)(const Config& config, const SourceContext& context);
  std::span<const TransformClass> transforms = {};   // its own, beside those of transform/registry.h
  std::string_view metrics_name = {};    // label "plugin" of its metrics: the second part of Debezium's MBean domain
};

}  // namespace millrace
