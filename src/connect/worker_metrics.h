// What a worker's metrics are made of: its connectors, their states, and the figures of the tasks that it runs.
// Names and meaning of the metrics: docs/operations.md. Threads: plain values; figures are read with relaxed loads.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace millrace {

struct TaskFigures;

struct TaskMetrics {
  int id = 0;
  std::string state;                            // RUNNING, PAUSED, FAILED, UNASSIGNED, RESTARTING
  std::shared_ptr<const TaskFigures> figures;   // null: the task does not run here
};

struct ConnectorMetrics {
  std::string name, state;                      // and STOPPED
  std::string connector_class, version;         // version empty: no such class
  std::string source;                           // as metrics name the kind of database
  std::string topic_prefix;
  std::vector<TaskMetrics> tasks;
};

struct WorkerMetrics {
  std::string worker_id, client_id;
  std::vector<ConnectorMetrics> connectors;     // by name
};

}  // namespace millrace
