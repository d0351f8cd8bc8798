#include "connect/error_tolerance.h"

#include <utility>

#include "core/log.h"
#include "kafka/producer.h"

namespace millrace {

ErrorTolerance::ErrorTolerance(const Config& connector, std::string task, TaskCounters& counters)
    : all_{connector.get("errors.tolerance") == "all"},
      logs_{connector.boolean("errors.log.enable", false)},
      task_{std::move(task)},
      counters_{counters} {}

Result<void> ErrorTolerance::pass_over(Error error, const std::string& topic, std::string_view stage) const {
  counters_.record_failures.fetch_add(1, std::memory_order_relaxed);
  if (!all_)
    return std::unexpected{std::move(error).as_cause_of("Tolerance exceeded in error handler: a record of topic " + topic + " does not pass the stage " +
                                                            std::string{stage}, k_connect_exception)};
  note(stage, "for topic '" + topic + "': " + error.text);
  return {};
}

bool ErrorTolerance::passes_over_unsent(const Error& error) const {
  if (!all_ || !kafka::is_too_large(error)) return false;
  counters_.record_failures.fetch_add(1, std::memory_order_relaxed);
  note("KAFKA_PRODUCE", "for a record: " + error.cause->text);
  return true;
}

void ErrorTolerance::note(std::string_view stage, const std::string& what) const {
  counters_.records_filtered.fetch_add(1, std::memory_order_relaxed);
  if (logs_)
    logger("org.apache.kafka.connect.runtime.errors.LogReporter")->error("Error encountered in task {}. Executing stage '{}' {}", task_, stage, what);
}

}  // namespace millrace
