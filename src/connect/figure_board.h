// FigureBoard keeps the figures of the tasks that run, for metrics: the herder puts and removes, scrapes read.
// Threads: any. Lifetime: figures are shared, so that a scrape may still read those of a task that has ended.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "connect/task.h"

namespace millrace {

using SharedFigures = std::shared_ptr<const TaskFigures>;

class FigureBoard {
 public:
  void put(const std::string& connector, SharedFigures figures) {
    const std::scoped_lock lock{mutex_};
    figures_[connector] = std::move(figures);
  }
  void remove(const std::string& connector) {
    const std::scoped_lock lock{mutex_};
    figures_.erase(connector);
  }
  SharedFigures find(const std::string& connector) const {
    const std::scoped_lock lock{mutex_};
    const auto at = figures_.find(connector);
    return at == figures_.end() ? nullptr : at->second;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, SharedFigures> figures_;
};

}  // namespace millrace
