// Mailbox holds what one thread has still to do; other threads post to it.
// Threads: post() and close() from any; take() from the owner. Bound: what REST requests and tasks can post,
// each of them waits for its answer or posts a handful of times in its life.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>

namespace millrace {

class Mailbox {
 public:
  using Work = std::move_only_function<void()>;

  // False: closed, the work is dropped.
  bool post(Work work) {
    {
      const std::scoped_lock lock{mutex_};
      if (closed_) return false;
      works_.push_back(std::move(work));
    }
    posted_.notify_one();
    return true;
  }

  // Empty at the deadline and when closed.
  Work take(std::chrono::steady_clock::time_point deadline) {
    std::unique_lock lock{mutex_};
    posted_.wait_until(lock, deadline, [&] { return closed_ || !works_.empty(); });
    if (works_.empty()) return {};
    Work work = std::move(works_.front());
    works_.pop_front();
    return work;
  }

  // Drops what is left: its owners learn that their answer will not come.
  void close() {
    std::deque<Work> dropped;
    {
      const std::scoped_lock lock{mutex_};
      closed_ = true;
      dropped.swap(works_);
    }
    posted_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable posted_;
  std::deque<Work> works_;
  bool closed_ = false;
};

}  // namespace millrace
